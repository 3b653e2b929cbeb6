import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { FaultEffect } from '../../simulator/faults.js';
import { ask } from './control.js';
import { CREATE, JANUARY, withInstance, type Instance } from './instance.js';

const FIELDS = ['id', 'city', 'createdAt'];
const RANGE = `startAt=${JANUARY.startAt}&endAt=${JANUARY.endAt}&fields=${FIELDS.join(',')}`;

interface Odd {
  readonly text: string;
  readonly status: Readonly<Record<string, unknown>>;
  /** The file as it should be, with a line end. */
  readonly sound: string;
  readonly instance: Instance;
}

/** A job with effects on its file, whose status tells the size and the checksum of just that file. */
async function withFile(effects: readonly FaultEffect[], body: (odd: Odd) => Promise<void> | void): Promise<void> {
  await withInstance({}, async (instance) => {
    const sound = await ask(instance, `expected?${RANGE}`);
    for (const effect of effects) instance.simulator.faults.inject({ endpoint: 'create', effect });
    const exportId = await instance.completed({ ...CREATE, fields: FIELDS });
    const bytes = Buffer.from(await (await instance.file(exportId)).arrayBuffer());
    const status = await instance.status(exportId);
    expect(status).toMatchObject({
      numberOfRecords: sound.trimEnd().split('\n').length - 1,
      fileSize: bytes.length,
      fileChecksum: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    });
    await body({ text: bytes.toString(), status, sound, instance });
  });
}

function linesOf(text: string): string[] {
  return text.trimEnd().split('\n');
}

describe('a file with other columns than were asked for', () => {
  it.each<[string, FaultEffect, string, RegExp]>([
    ['dropped', { kind: 'fileColumns', drop: ['city'] }, 'id,createdAt', /^\d+,2024-[^,]*$/],
    ['renamed', { kind: 'fileColumns', rename: { city: 'City' } }, 'id,City,createdAt', /^\d+,[^,]+,2024-/],
    ['reversed', { kind: 'fileColumns', reverse: true }, 'createdAt,city,id', /^2024-[^,]*,[^,]+,\d+$/],
    ['more', { kind: 'fileColumns', extra: ['New__c'] }, 'id,city,createdAt,New__c', /,extra$/],
    ['twice', { kind: 'fileColumns', duplicate: ['city'] }, 'id,city,createdAt,city', /^\d+,([^,]+),.*,\1$/],
  ])('has them %s, in the header and in each row, and so does the expected output', async (_, effect, header, row) => {
    await withFile([effect], async ({ text, instance }) => {
      const [first, ...rows] = linesOf(text);
      expect(first).toBe(header);
      expect(rows.length).toBeGreaterThan(10);
      for (const line of rows) expect(line).toMatch(row);
      expect((await ask(instance, `expected?${RANGE}`)).trimEnd()).toBe(text.trimEnd());
    });
  });

  it('leaves the expected output alone where only some jobs have them', async () => {
    await withInstance({}, async (instance) => {
      const sound = await ask(instance, `expected?${RANGE}`);
      const effect = { kind: 'fileColumns', drop: ['city'] } as const;
      instance.simulator.faults.inject({ endpoint: 'create', nth: 2, effect });
      expect(await ask(instance, `expected?${RANGE}`)).toBe(sound);
    });
  });
});

describe('a file of another form', () => {
  it('is a header alone although the status counts rows', async () => {
    await withFile([{ kind: 'fileHeaderOnly' }], ({ text }) => {
      expect(text.trimEnd()).toBe(FIELDS.join(','));
    });
  });

  it('begins with a byte order mark', async () => {
    await withFile([{ kind: 'fileBom' }], ({ text, sound }) => {
      expect(text.trimEnd()).toBe(`\uFEFF${sound}`.trimEnd());
    });
  });

  it('has a byte order mark in the nth job alone', async () => {
    await withInstance({}, async (instance) => {
      instance.simulator.faults.inject({ endpoint: 'create', nth: 2, effect: { kind: 'fileBom' } });
      const marks: boolean[] = [];
      for (let job = 1; job <= 3; job++) {
        const bytes = await (await instance.file(await instance.completed())).arrayBuffer();
        marks.push(Buffer.from(bytes).toString().startsWith('\uFEFF'));
      }
      expect(marks).toEqual([false, true, false]);
    });
  });

  it('ends its lines with CRLF, as the expected output does then', async () => {
    await withFile([{ kind: 'fileCrlf' }], async ({ text, sound, instance }) => {
      expect(text.trimEnd()).toBe(sound.replaceAll('\n', '\r\n').trimEnd());
      expect((await ask(instance, `expected?${RANGE}`)).trimEnd()).toBe(text.trimEnd());
    });
  });

  it('has empty lines at its end', async () => {
    await withFile([{ kind: 'fileBlankLines', where: 'end', lines: 2 }], ({ text, sound }) => {
      expect(text).toBe(`${sound}\n\n`);
    });
  });

  it('has empty lines after its first row', async () => {
    await withFile([{ kind: 'fileBlankLines', where: 'inside', lines: 2 }], ({ text, sound }) => {
      const [header = '', first = '', ...rest] = linesOf(sound);
      expect(linesOf(text)).toEqual([header, first, '', '', ...rest]);
    });
  });

  it.each([true, false])('has a line end at its end, or none: %s', async (present) => {
    await withFile([{ kind: 'fileLastLineEnd', present }], ({ text }) => {
      expect(text.endsWith('\n')).toBe(present);
    });
  });

  it.each([
    ['first', 1],
    ['last', -1],
  ] as const)('has a column more in its %s row', async (where, place) => {
    await withFile([{ kind: 'fileOddRow', where }], ({ text, sound }) => {
      const lines = linesOf(sound);
      const odd = lines.at(place) ?? '';
      expect(linesOf(text)).toEqual(lines.with(place, `${odd},EXTRA`));
    });
  });
});

describe('values with quotes that are not doubled', () => {
  it('are those that were asked for, in so many rows, as they are, in file and expected output alike: asIs', async () => {
    const values = ['"Screen 15""', '""Bob""', '"Bob" Doe'] as const;
    await withInstance({ stray: { values, oneIn: 3 } }, async (instance) => {
      const exportId = await instance.completed({ ...CREATE, fields: ['id', 'firstName', 'city'] });
      const text = await (await instance.file(exportId)).text();
      const query = `startAt=${JANUARY.startAt}&endAt=${JANUARY.endAt}&fields=id,firstName,city`;
      expect(text.trimEnd()).toBe((await ask(instance, `expected?${query}&quoting=asIs`)).trimEnd());
      for (const value of values) expect(text).toContain(`,${value},`);
      const odd = linesOf(text).filter((line) => values.some((value) => line.includes(value)));
      expect(odd.length / linesOf(text).length).toBeGreaterThan(0.2);
      expect(odd.length / linesOf(text).length).toBeLessThan(0.5);
    });
  });
});

describe('what an extract must be by default', () => {
  it('has the values that these quotes stand for, written by RFC 4180, and all else as it is in the file', async () => {
    const meanings = {
      '"Screen 15""': '"Screen 15"""',
      '""Bob""': '"""Bob"""',
      '"Bob" Doe': '"Bob Doe"',
      '"x"y, z"': '"x""y, z"',
      '"by ""the"" rules"': '"by ""the"" rules"',
    };
    const values = Object.keys(meanings) as [string, ...string[]];
    await withInstance({ stray: { values, oneIn: 3 } }, async (instance) => {
      const query = `startAt=${JANUARY.startAt}&endAt=${JANUARY.endAt}&fields=id,firstName,Notes__c`;
      const asIs = await ask(instance, `expected?${query}&quoting=asIs`);
      const mended = Object.entries(meanings).reduce(
        (text, [raw, quoted]) => text.replaceAll(`,${raw},`, `,${quoted},`),
        asIs,
      );
      expect(mended).not.toBe(asIs);
      expect(await ask(instance, `expected?${query}`)).toBe(mended);
      expect(await ask(instance, `expected?${query}&quoting=rfc4180`)).toBe(mended);
    });
  });
});

describe('a download under another content type', () => {
  it.each(['application/octet-stream', 'text/plain', 'application/csv', 'application/json', null])(
    'has the same bytes: %s',
    async (is) => {
      await withInstance({}, async (instance) => {
        const exportId = await instance.completed();
        const sound = await (await instance.file(exportId)).text();
        instance.simulator.faults.inject({ endpoint: 'file', effect: { kind: 'contentType', is } });
        const answer = await instance.file(exportId);
        expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([200, is, sound]);
      });
    },
  );

  it('may come without its length', async () => {
    await withInstance({}, async (instance) => {
      const exportId = await instance.completed();
      const sound = await (await instance.file(exportId)).text();
      instance.simulator.faults.inject({ endpoint: 'file', effect: { kind: 'noContentLength' } });
      const answer = await instance.file(exportId);
      expect([answer.headers.get('content-length'), await answer.text()]).toEqual([null, sound]);
    });
  });

  it('may come slowly, and whole', async () => {
    await withInstance({}, async (instance) => {
      const exportId = await instance.completed();
      const sound = await (await instance.file(exportId)).text();
      const bytesPerSecond = sound.length * 2;
      instance.simulator.faults.inject({ endpoint: 'file', effect: { kind: 'slow', bytesPerSecond } });
      const { body } = await instance.file(exportId);
      let chunks = 0;
      let text = '';
      for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
        chunks++;
        text += Buffer.from(chunk).toString('latin1');
      }
      expect(text).toBe(Buffer.from(sound).toString('latin1'));
      expect(chunks).toBeGreaterThan(2);
    });
  });
});
