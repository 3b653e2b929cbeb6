import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { receiveFile as ReceiveFile } from '../../src/parts/receive-file.js';
import { refusal, ScriptedMarketo, type Reply } from '../marketo/helpers/scripted-marketo.js';

const ID = '4f2b9115-c3f2-4e40-a87c-bf803bbfed99';
const FILE = Buffer.from('id,email\n1,a\n2,b\n3,c\n');
const NOT_THERE: Reply = { status: 404, body: 'The requested file was not found.' };

/** Seconds of the pauses between tries, which are not waited for. */
const pauses: number[] = [];
jest.unstable_mockModule('node:timers/promises', () => ({
  setTimeout: (milliseconds: number) => {
    pauses.push(milliseconds / 1000);
    return Promise.resolve();
  },
}));

let receiveFile: typeof ReceiveFile;
let marketo: ScriptedMarketo;
let reasons: string[];

beforeEach(async () => {
  ({ receiveFile } = await import('../../src/parts/receive-file.js'));
  marketo = await ScriptedMarketo.start();
  pauses.length = 0;
  reasons = [];
});

afterEach(async () => {
  jest.useRealTimers();
  await marketo.stop();
});

/** The bytes of a file of which so many are told. */
async function receive(options: { fromByte?: number; signal?: AbortSignal } = {}): Promise<string> {
  const chunks: Buffer[] = [];
  const source = receiveFile(marketo.client(), {
    exportId: ID,
    fromByte: 0,
    bytes: FILE.length,
    signal: new AbortController().signal,
    onResume: (reason) => reasons.push(reason),
    ...options,
  });
  for await (const chunk of source) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

/** Ranges that were asked for, in order. */
function ranges(): (string | undefined)[] {
  return marketo.requests.map(({ headers }) => headers.range);
}

/** The file from a byte on, up to another, as a range where that is not its beginning. */
function part(start: number, end = FILE.length, more: Record<string, string> = {}): Reply {
  const range = { 'content-range': `bytes ${start}-${FILE.length - 1}/${FILE.length}` };
  return {
    status: start > 0 ? 206 : 200,
    headers: { 'content-type': 'text/csv', ...(start > 0 && range), ...more },
    body: FILE.subarray(start, end),
  };
}

/** Some bytes of the file, of which all are told to come, and then whatever is done to the answer. */
function begun(end: number, andThen: (response: ServerResponse) => void): Reply {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/csv', 'content-length': `${FILE.length}` });
    response.write(FILE.subarray(0, end), () => {
      andThen(response);
    });
  };
}

describe('receiving a file', () => {
  it('brings its bytes, by one request where nothing goes wrong', async () => {
    marketo.willReply(part(0));
    expect(await receive()).toBe(FILE.toString());
    expect(ranges()).toEqual([undefined]);
    expect(reasons).toEqual([]);
  });

  it('brings them from the byte on that is wanted', async () => {
    marketo.willReply(part(9));
    expect(await receive({ fromByte: 9 })).toBe(FILE.subarray(9).toString());
    expect(ranges()).toEqual(['bytes=9-']);
  });

  it('passes over what came before, where a range is answered with the whole file', async () => {
    marketo.willReply(part(0));
    expect(await receive({ fromByte: 9 })).toBe(FILE.subarray(9).toString());
  });

  it('goes on at the very byte where an answer was cut', async () => {
    marketo.willReply(
      begun(12, (response) => response.destroy()),
      part(12),
    );
    expect(await receive()).toBe(FILE.toString());
    expect(ranges()).toEqual([undefined, 'bytes=12-']);
    expect(reasons).toEqual([expect.stringContaining('broke off')]);
  });

  it('goes on at the very byte where an answer ended too early, without a pause', async () => {
    const total = { 'content-range': `bytes 12-14/${FILE.length}` };
    marketo.willReply(
      part(0, 12),
      { ...(part(12, 15) as object), headers: { 'content-type': 'text/csv', ...total }, body: FILE.subarray(12, 15) },
      part(15),
    );
    expect(await receive()).toBe(FILE.toString());
    expect(ranges()).toEqual([undefined, 'bytes=12-', 'bytes=15-']);
    expect(pauses).toEqual([]);
  });

  it('goes on where the whole file comes instead of a range after a cut', async () => {
    marketo.willReply(
      begun(12, (response) => response.destroy()),
      part(0),
    );
    expect(await receive()).toBe(FILE.toString());
  });

  it('goes on at the very byte after a minute on which nothing came', async () => {
    jest.useFakeTimers({
      doNotFake: ['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'setInterval'],
    });
    marketo.willReply(
      begun(12, () => undefined),
      part(12),
    );
    const receiving = receive();
    // Time goes on as long as somebody waits for it.
    while (reasons.length === 0) {
      await new Promise((resolve) => setImmediate(resolve));
      if (marketo.requests.length > 0) jest.advanceTimersByTime(1000);
    }
    expect(await receiving).toBe(FILE.toString());
    expect(reasons).toEqual([expect.stringContaining('no byte came for 60 s')]);
  });

  it.each<[string, Reply]>([
    ['is not there yet', NOT_THERE],
    ['cannot be had at the moment', { status: 503, body: '' }],
    ['is answered with an error', refusal('608', 'Temporarily unavailable')],
  ])('tries again where it %s', async (_, reply) => {
    marketo.willReply(reply, reply, part(0));
    expect(await receive()).toBe(FILE.toString());
    expect(pauses).toEqual([2, 4]);
    expect(reasons).toHaveLength(2);
  });

  it('waits as long as it is told to', async () => {
    marketo.willReply({ status: 503, headers: { 'retry-after': '100' }, body: '' }, part(0));
    expect(await receive()).toBe(FILE.toString());
    expect(pauses).toEqual([100]);
  });
});

describe('a file that does not come', () => {
  it.each<[string, Reply, object]>([
    ['404', NOT_THERE, { action: 'jobGone' }],
    ['503', { status: 503, body: '' }, { code: 'HTTP 503' }],
    ['an answer without a byte', { headers: { 'content-type': 'text/csv' }, body: '' }, { code: 'INVALID_BODY' }],
  ])('is given up after five times of %s', async (_, reply, failure) => {
    marketo.willReply(...Array.from({ length: 9 }, () => reply));
    await expect(receive()).rejects.toMatchObject(failure);
    expect(marketo.requests).toHaveLength(5);
  });

  it('has five more tries after an answer that brought something', async () => {
    const four = [NOT_THERE, NOT_THERE, NOT_THERE, NOT_THERE];
    marketo.willReply(...four, part(0, 9), ...four, part(9));
    expect(await receive()).toBe(FILE.toString());
  });

  it('is given up at once where Marketo refuses for good', async () => {
    marketo.willReply(refusal('603', 'Access denied'));
    await expect(receive()).rejects.toMatchObject({ code: '603' });
    expect(marketo.requests).toHaveLength(1);
  });

  it('is not asked for again once nobody wants it any more', async () => {
    const abort = new AbortController();
    marketo.willReply(
      begun(9, (response) => {
        abort.abort(new Error('not wanted'));
        response.destroy();
      }),
    );
    await expect(receive({ signal: abort.signal })).rejects.toThrow('not wanted');
    expect(marketo.requests).toHaveLength(1);
  });
});
