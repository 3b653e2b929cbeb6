import { createHash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CREATE, Instance, withInstance } from './instance.js';

let instance: Instance;
let exportId: string;
let whole: Buffer;

beforeAll(async () => {
  instance = await Instance.start({ leads: 10_000, paddingBytes: 200 });
  exportId = await instance.completed({ ...CREATE, fields: ['id', 'Notes__c'] });
  whole = Buffer.from(await (await instance.file(exportId)).arrayBuffer());
});

afterAll(async () => {
  await instance.close();
});

describe('the file of a job', () => {
  it('is there once the job is completed, and before answers 404 in plain text', async () => {
    await withInstance({}, async (other) => {
      const id = await other.created();
      const expectNone = async (): Promise<void> => {
        const answer = await other.file(id);
        expect(answer.status).toBe(404);
        expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
      };
      await expectNone();
      await other.enqueue(id);
      await expectNone();
      await other.run(id);
      expect((await other.file(id)).status).toBe(200);
    });
  });

  it.each(['4f2b9115-c3f2-4e40-a87c-bf803bbfed99', 'none'])(
    'of a job that does not exist answers 404: %s',
    async (id) => {
      expect((await instance.file(id)).status).toBe(404);
    },
  );

  it('is CSV in UTF-8, of the size and checksum that the status tells', async () => {
    const answer = await instance.file(exportId);
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/csv;charset=UTF-8',
      'accept-ranges': 'bytes',
      'content-length': String(whole.length),
    });
    await answer.body?.cancel();
    expect(await instance.status(exportId)).toMatchObject({
      fileSize: whole.length,
      fileChecksum: `sha256:${createHash('sha256').update(whole).digest('hex')}`,
    });
    expect(whole.toString().startsWith('id,Notes__c\n')).toBe(true);
  });

  it('is gone after 7 days', async () => {
    await withInstance({}, async (other) => {
      const id = await other.completed();
      other.jump(7 * 86_400 - 61);
      expect((await other.file(id)).status).toBe(200);
      other.jump(61);
      expect((await other.file(id)).status).toBe(404);
      expect(await other.status(id)).toMatchObject({ status: 'Completed' });
    });
  });

  it('is the header alone where there are no leads', async () => {
    const range = { startAt: '2020-01-01T00:00:00Z', endAt: '2020-01-02T00:00:00Z' };
    const id = await instance.completed({ ...CREATE, filter: { createdAt: range } });
    expect((await (await instance.file(id)).text()).trimEnd()).toBe('id,email,createdAt');
  });

  it('ends with a line end in some ranges and without one in others', async () => {
    const ends = new Set<boolean>();
    for (let day = 1; day <= 9; day++) {
      const range = { startAt: `2024-01-0${day}T00:00:00Z`, endAt: `2024-01-0${day}T23:59:59Z` };
      const id = await instance.completed({ ...CREATE, filter: { createdAt: range } });
      ends.add((await (await instance.file(id)).text()).endsWith('\n'));
    }
    expect([...ends].sort()).toEqual([false, true]);
  });
});

describe('a range of a file', () => {
  it.each([
    ['bytes=0-0', 0, 1],
    ['bytes=0-9999', 0, 10_000],
    ['bytes=131071-131073', 131_071, 131_074],
    ['bytes=200000-', 200_000, Infinity],
    ['bytes=200000-999999999', 200_000, Infinity],
  ])('is exactly its bytes: %s', async (range, start, end) => {
    const answer = await instance.file(exportId, range);
    expect(answer.status).toBe(206);
    const last = Math.min(end, whole.length) - 1;
    expect(answer.headers.get('content-range')).toBe(`bytes ${start}-${last}/${whole.length}`);
    expect(answer.headers.get('content-length')).toBe(String(last + 1 - start));
    expect(Buffer.from(await answer.arrayBuffer()).equals(whole.subarray(start, end))).toBe(true);
  });

  it('may be the last byte alone', async () => {
    const answer = await instance.file(exportId, `bytes=${whole.length - 1}-`);
    expect(answer.status).toBe(206);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(whole.subarray(-1));
  });

  it('makes the whole when put together', async () => {
    const pieces: Buffer[] = [];
    for (let start = 0; start < whole.length; start += 77_777) {
      pieces.push(Buffer.from(await (await instance.file(exportId, `bytes=${start}-${start + 77_776}`)).arrayBuffer()));
    }
    expect(Buffer.concat(pieces).equals(whole)).toBe(true);
  });

  it('behind the end answers 416', async () => {
    const answer = await instance.file(exportId, `bytes=${whole.length}-`);
    expect(answer.status).toBe(416);
    expect(answer.headers.get('content-range')).toBe(`bytes */${whole.length}`);
  });

  it.each(['bytes=abc', 'lines=1-2', 'bytes=1-2,4-5'])(
    'that nobody documents answers the whole file: %s',
    async (range) => {
      const answer = await instance.file(exportId, range);
      expect(answer.status).toBe(200);
      await answer.body?.cancel();
    },
  );
});

/** What is reachable, collected first: how much a process keeps of what it does not need depends on its load. */
function bytesHeld(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe('a large file', () => {
  it('streams in memory that does not grow with it', async () => {
    const january = { leads: 8000, paddingBytes: 31_000, until: Date.parse('2024-01-31T23:59:59Z') };
    await withInstance(january, async (other) => {
      const id = await other.completed({ ...CREATE, fields: ['id', 'Notes__c'] });
      const before = bytesHeld();
      let most = before;
      let bytes = 0;
      let measuredAt = 0;
      const { body } = await other.file(id);
      for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
        bytes += chunk.length;
        if (bytes - measuredAt < 50_000_000) continue;
        measuredAt = bytes;
        most = Math.max(most, bytesHeld());
      }
      expect(bytes).toBeGreaterThan(200_000_000);
      expect(most - before).toBeLessThan(bytes / 4);
    });
  }, 120_000);
});
