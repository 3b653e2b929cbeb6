import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import fc from 'fast-check';
import type { MarketoClient } from '../../src/marketo/client.js';
import { openExportFile, type ExportFile, type OpenFileOptions } from '../../src/marketo/export-file.js';
import { parseContentRange } from '../../src/marketo/file-headers.js';
import { createHttp } from '../../src/marketo/http.js';
import { failureOf, marketoFailureOf } from './helpers/failure.js';
import { OTHER_TOKEN, refusal, ScriptedMarketo, token, TOKEN, type Reply } from './helpers/scripted-marketo.js';

const ID = '4f2b9115-c3f2-4e40-a87c-bf803bbfed99';
const FILE = Buffer.from('id,email\n1,ada@example.com\n2,"Zoë\u2028\n"\n');
const CSV = { 'content-type': 'text/csv;charset=UTF-8' };

let marketo: ScriptedMarketo;
let client: MarketoClient;

beforeEach(async () => {
  marketo = await ScriptedMarketo.start();
  client = marketo.client();
});

afterEach(async () => {
  await marketo.stop();
});

function whole(headers: Readonly<Record<string, string>> = {}): Reply {
  return { headers: { ...CSV, 'content-length': String(FILE.length), ...headers }, body: FILE };
}

/** The answer to a range, with the given headers in place of the right ones; `''` leaves one out. */
function part(from: number, headers: Readonly<Record<string, string>> = {}, body = FILE.subarray(from)): Reply {
  const right = {
    ...CSV,
    'content-length': String(body.length),
    'content-range': `bytes ${from}-${from + body.length - 1}/${FILE.length}`,
    ...headers,
  };
  const given = Object.fromEntries(Object.entries(right).filter(([, value]) => value !== ''));
  return { status: 206, headers: given, body };
}

/** Sends some bytes and leaves the rest to `then`. */
function begin(bytes: number, then: (response: ServerResponse) => void): Reply {
  return (response) => {
    response.writeHead(200, { ...CSV, 'content-length': String(FILE.length) });
    response.write(FILE.subarray(0, bytes), () => {
      then(response);
    });
  };
}

async function read(options: Partial<OpenFileOptions> = {}): Promise<Omit<ExportFile, 'body'> & { bytes: Buffer }> {
  const { body, ...told } = await openExportFile(client, ID, { fromByte: 0, ...options });
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return { ...told, bytes: Buffer.concat(chunks) };
}

describe('a whole file', () => {
  it('comes byte by byte as it is stored', async () => {
    marketo.willReply(whole());
    expect(await read()).toEqual({ startsAt: 0, totalBytes: FILE.length, bytes: FILE });
  });

  it('is asked for without a range, without compression, and with the token in the header only', async () => {
    marketo.willReply(whole());
    await read();
    const [request] = marketo.requests;
    expect(request).toMatchObject({ method: 'GET', path: `/bulk/v1/leads/export/${ID}/file.json`, query: {} });
    expect(request?.headers).toMatchObject({ 'accept-encoding': 'identity', authorization: `Bearer ${TOKEN}` });
    expect(request?.headers.range).toBeUndefined();
  });

  it.each([
    ...[
      'text/csv',
      'text/csv;charset=UTF-8',
      'Text/CSV ; charset=utf-8',
      'application/csv',
      'application/octet-stream',
    ],
    ...['text/plain', 'application/x-download', 'text/csv-schema', 'nonsense'],
  ])('may be of type %s', async (type) => {
    marketo.willReply(whole({ 'content-type': type }));
    expect((await read()).bytes).toEqual(FILE);
  });

  it('may be of no type', async () => {
    marketo.willReply({ body: FILE });
    expect((await read()).bytes).toEqual(FILE);
  });

  it('may come without a length', async () => {
    marketo.willReply({ headers: CSV, body: FILE });
    expect(await read()).toEqual({ startsAt: 0, bytes: FILE });
  });

  it('may be empty', async () => {
    marketo.willReply({ headers: { ...CSV, 'content-length': '0' }, body: '' });
    expect(await read()).toEqual({ startsAt: 0, totalBytes: 0, bytes: Buffer.alloc(0) });
  });

  it('that ends early without a length is no error here: the reader counts', async () => {
    marketo.willReply({ headers: CSV, body: FILE.subarray(0, 9) });
    expect((await read()).bytes).toEqual(FILE.subarray(0, 9));
  });

  it('is refused where its length is not that of the first answer: it is another file', async () => {
    marketo.willReply(whole());
    expect(await marketoFailureOf(read({ totalBytes: FILE.length + 1 }))).toMatchObject({
      code: 'WRONG_LENGTH',
      action: 'jobGone',
    });
  });

  it.each(['gzip', 'br', 'GZIP'])('is refused where it is encoded: %s', async (encoding) => {
    marketo.willReply(whole({ 'content-encoding': encoding }));
    const error = await marketoFailureOf(read());
    expect(error).toMatchObject({ code: 'INVALID_BODY', action: 'retryBounded' });
    expect(error.message).toContain(encoding);
  });
});

describe('a file taken up again', () => {
  it('starts at exactly the byte that is asked for', async () => {
    marketo.willReply(part(9));
    expect(await read({ fromByte: 9 })).toEqual({ startsAt: 9, totalBytes: FILE.length, bytes: FILE.subarray(9) });
    expect(marketo.requests[0]?.headers.range).toBe('bytes=9-');
  });

  it('starts over where Marketo answers with the whole file', async () => {
    marketo.willReply(whole());
    expect(await read({ fromByte: 9 })).toEqual({ startsAt: 0, totalBytes: FILE.length, bytes: FILE });
  });

  it('may come in a shorter range than asked for', async () => {
    marketo.willReply(part(9, {}, FILE.subarray(9, 12)));
    expect(await read({ fromByte: 9 })).toMatchObject({ startsAt: 9, bytes: FILE.subarray(9, 12) });
  });

  it('may go on with any byte, also one that JSON or HTML begins with', async () => {
    for (const data of ['{"a":1}\n', '<p>\n']) {
      marketo.willReply(part(9, { 'content-range': `bytes 9-${8 + data.length}/100` }, Buffer.from(data)));
      expect((await read({ fromByte: 9 })).bytes.toString()).toBe(data);
    }
  });

  it('has nothing more where it ends right there', async () => {
    marketo.willReply({ status: 416, headers: { 'content-range': `bytes */${FILE.length}` }, body: 'no' });
    const bytes = Buffer.alloc(0);
    expect(await read({ fromByte: FILE.length })).toEqual({ startsAt: FILE.length, totalBytes: FILE.length, bytes });
  });

  it.each([
    ['starts elsewhere', part(8)],
    [
      'belongs to a file of another size',
      part(9, { 'content-range': `bytes 9-${FILE.length - 1}/${FILE.length + 1}` }),
    ],
    ['does not tell the size of the file', part(9, { 'content-range': `bytes 9-${FILE.length - 1}/*` })],
    ['has no Content-Range', part(9, { 'content-range': '' })],
    ['has another length than its range', part(9, { 'content-range': `bytes 9-${FILE.length - 2}/${FILE.length}` })],
  ])('is refused where the answer %s', async (_, reply) => {
    marketo.willReply(reply);
    expect(await marketoFailureOf(read({ fromByte: 9, totalBytes: FILE.length }))).toMatchObject({
      code: 'INVALID_BODY',
      endpoint: 'file',
    });
  });

  it('is a lost job where the file does not reach so far', async () => {
    marketo.willReply({ status: 416, headers: { 'content-range': 'bytes */5' }, body: '' });
    expect(await marketoFailureOf(read({ fromByte: 9 }))).toMatchObject({ code: 'HTTP 416', action: 'jobGone' });
  });
});

describe('an answer that is no file', () => {
  it.each([
    ['601', 'retryBounded'],
    ['606', 'retry'],
    ['611', 'retryBounded'],
    ['1029', 'queueFull'],
  ])('is the error that its JSON tells, though the status is 200: %s', async (code, action) => {
    marketo.willReply(refusal(code), refusal(code));
    expect(await marketoFailureOf(read())).toMatchObject({
      code,
      action,
      requestId: 'e42b#14272d07d78',
      endpoint: 'file',
    });
  });

  it('is the error of its JSON where it is said to be text or nothing', async () => {
    const { body } = refusal('606') as { body: object };
    for (const headers of [{ 'content-type': 'text/plain' }, CSV, { 'x-other': '1' }]) {
      marketo.willReply({ headers, body: JSON.stringify(body) });
      expect(await marketoFailureOf(read())).toMatchObject({ code: '606' });
    }
  });

  it('is of another shape than documented with JSON that tells of success', async () => {
    marketo.willReply({ body: { success: true, result: [] } });
    expect(await marketoFailureOf(read())).toMatchObject({ code: 'UNEXPECTED_SHAPE', action: 'retryBounded' });
  });

  it('has its token replaced by the way of all calls', async () => {
    marketo.willIdentify(token(TOKEN), token(OTHER_TOKEN));
    marketo.willReply(refusal('602'), whole());
    expect((await read()).bytes).toEqual(FILE);
    expect(marketo.tokens).toEqual([TOKEN, OTHER_TOKEN]);
  });

  it.each([
    ['HTML', { 'content-type': 'text/html' }, '<html></html>'],
    ['cut JSON', { 'content-type': 'application/json' }, '{"success":fal'],
    ['HTML that is said to be CSV', CSV, '\n<!DOCTYPE html>'],
    ['XHTML', { 'content-type': 'application/xhtml+xml' }, 'ada@example.com'],
    ['an endless page', { 'content-type': 'text/html' }, Buffer.alloc(1_000_000, 0x20)],
  ])('is invalid with %s, and no byte of it is shown', async (_, headers, body) => {
    marketo.willReply({ headers, body });
    const error = await marketoFailureOf(read());
    expect(error).toMatchObject({ code: 'INVALID_BODY', action: 'retryBounded', endpoint: 'file' });
    expect(error.message).not.toContain('ada@');
  });

  it.each([
    ['a 404 in plain text', { status: 404, headers: { 'content-type': 'text/plain' }, body: 'Not found' }],
    ['code 610', refusal('610')],
    ['code 1013', refusal('1013')],
  ])('means that the file is gone, or not there yet, by %s', async (_, reply) => {
    marketo.willReply(reply);
    expect(await marketoFailureOf(read())).toMatchObject({ code: '1013', action: 'jobGone' });
  });

  it('goes by its status where that is an error', async () => {
    marketo.willReply({ status: 503, headers: { ...CSV, 'retry-after': '9' }, body: FILE });
    expect(await marketoFailureOf(read())).toMatchObject({ code: 'HTTP 503', action: 'retry', retryAfterSeconds: 9 });
  });
});

describe('a connection', () => {
  it('that sends nothing more but stays open is given up, after all bytes that came', async () => {
    marketo.willReply(begin(9, () => undefined));
    const { body } = await openExportFile(client, ID, { fromByte: 0, idleTimeoutSeconds: 0.2 });
    const chunks: Buffer[] = [];
    const reading = (async () => {
      for await (const chunk of body) chunks.push(chunk);
    })();
    const error = await marketoFailureOf(reading);
    expect(error).toMatchObject({ code: 'NETWORK', action: 'retry' });
    expect(error.message).toContain('no byte came for 0.2 s');
    expect(Buffer.concat(chunks)).toEqual(FILE.subarray(0, 9));
  });

  it('that never answers is given up', async () => {
    marketo.willReply(() => undefined);
    const error = await marketoFailureOf(read({ idleTimeoutSeconds: 0.2 }));
    expect(error).toMatchObject({ code: 'NETWORK', action: 'retry' });
  });

  it('is not given up for the pauses of the reader', async () => {
    // More than the buffers between the two hold: the server has to wait for the reader.
    const large = Buffer.alloc(16_000_000, 'id,email\n');
    marketo.willReply({ headers: CSV, body: large });
    const file = await openExportFile(client, ID, { fromByte: 0, idleTimeoutSeconds: 0.2 });
    let bytes = 0;
    for await (const chunk of file.body) {
      if (bytes === 0) await new Promise((resolve) => setTimeout(resolve, 500));
      bytes += chunk.length;
    }
    expect(bytes).toBe(large.length);
  });

  it('has no limit in all, however long a file takes', () => {
    expect(createHttp('http://127.0.0.1').fresh.defaults.options.timeout.request).toBeUndefined();
  });

  it('that breaks is an error that passes', async () => {
    marketo.willReply(begin(9, (response) => response.destroy()));
    expect(await marketoFailureOf(read())).toMatchObject({ code: 'NETWORK', action: 'retry' });
  });

  it('that ends before the length that it told is an error that passes', async () => {
    marketo.willReply(begin(9, (response) => response.socket?.end()));
    expect(await marketoFailureOf(read())).toMatchObject({ code: 'NETWORK', action: 'retry' });
  });

  it('is closed when the reader stops', async () => {
    const closed = new Promise<void>((resolve) => {
      marketo.willReply(
        begin(9, (response) => {
          response.once('close', resolve);
        }),
      );
    });
    const { body } = await openExportFile(client, ID, { fromByte: 0 });
    for await (const chunk of body) {
      expect(chunk).toEqual(FILE.subarray(0, 9));
      break;
    }
    await closed;
  });

  it('is closed when it is aborted, before the answer or after some bytes, and the reason thrown', async () => {
    const reason = new Error('the worker shuts down');
    const early = new AbortController();
    marketo.willReply(() => {
      early.abort(reason);
    });
    expect(await failureOf(read({ signal: early.signal }))).toBe(reason);

    const late = new AbortController();
    marketo.willReply(begin(9, () => undefined));
    const { body } = await openExportFile(client, ID, { fromByte: 0, signal: late.signal });
    const reading = (async () => {
      for await (const chunk of body) {
        expect(chunk).toEqual(FILE.subarray(0, 9));
        late.abort(reason);
      }
    })();
    expect(await failureOf(reading)).toBe(reason);
  });
});

describe('parseContentRange', () => {
  it('reads what Marketo documents', () => {
    expect(parseContentRange('bytes 0-9999/123424')).toEqual({ start: 0, end: 9999, total: 123424 });
  });

  it.each([
    '',
    'bytes',
    'bytes 0-9',
    'bytes 0-9/*',
    'bytes */10',
    'bytes 5-4/10',
    'bytes 0-10/10',
    'bytes=0-9/10',
    'bytes 0-9/10, bytes 0-9/10',
    'lines 0-9/10',
    'bytes -9/10',
    'bytes 0 - 9/10',
    'bytes 0-9/99999999999999999999',
  ])('refuses %j', (header) => {
    expect(parseContentRange(header)).toBeUndefined();
  });

  it('reads back every range that can be', () => {
    const ranges = fc
      .tuple(fc.nat(2 ** 31), fc.nat(2 ** 31), fc.nat(2 ** 31))
      .map(([start, more, rest]) => ({ start, end: start + more, total: start + more + 1 + rest }));
    fc.assert(
      fc.property(ranges, ({ start, end, total }) => {
        expect(parseContentRange(`bytes ${start}-${end}/${total}`)).toEqual({ start, end, total });
      }),
    );
  });

  it('gives for any text nothing, or a range that lies within the file', () => {
    const number = fc.oneof(fc.nat(20).map(String), fc.string({ maxLength: 3 }));
    const almost = fc.tuple(number, number, number).map(([start, end, total]) => `bytes ${start}-${end}/${total}`);
    fc.assert(
      fc.property(fc.oneof(almost, fc.string()), (header) => {
        const range = parseContentRange(header);
        if (!range) return;
        expect(range.start).toBeLessThanOrEqual(range.end);
        expect(range.end).toBeLessThan(range.total);
      }),
      { numRuns: 1000 },
    );
  });
});
