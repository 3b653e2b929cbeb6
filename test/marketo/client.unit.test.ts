import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { z } from 'zod';
import { readAnswer, type Call } from '../../src/marketo/client.js';
import { MarketoError } from '../../src/marketo/marketo-errors.js';
import { parseRetryAfter } from '../../src/marketo/http.js';
import { failureOf, marketoFailureOf } from './helpers/failure.js';
import { refusal, ScriptedMarketo, success, TOKEN, type Reply } from './helpers/scripted-marketo.js';

const CALL: Call = { endpoint: 'status', method: 'GET', path: 'bulk/v1/leads/export/1/status.json' };
const schema = z.object({ result: z.tuple([z.looseObject({ status: z.string() })]) });

/** Breaks the connection instead of an answer. */
const reset: Reply = (response) => {
  response.socket?.resetAndDestroy();
};

let marketo: ScriptedMarketo;

beforeEach(async () => {
  marketo = await ScriptedMarketo.start();
});

afterEach(async () => {
  await marketo.stop();
});

describe('a call', () => {
  it('sends its query and body with the token in the header only', async () => {
    marketo.willReply(success([{ status: 'Created' }]));
    const call = {
      ...CALL,
      method: 'POST',
      query: { batchSize: 300, nextPageToken: 'a&b=' },
      json: { fields: ['id'] },
    } as const;
    await marketo.client().call(call, schema);
    const [request] = marketo.requests;
    expect(request).toMatchObject({
      method: 'POST',
      path: '/bulk/v1/leads/export/1/status.json',
      query: { batchSize: '300', nextPageToken: 'a&b=' },
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: '{"fields":["id"]}',
    });
    expect(request?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  it.each(['', '/', '/rest', '/rest/', '//rest//'])(
    'goes to the right path where the endpoint ends in %j',
    async (end) => {
      marketo.willReply(success([{ status: 'Created' }]));
      await marketo.client({ endpoint: `${marketo.origin}${end}` }).call(CALL, schema);
      expect(marketo.identityRequests[0]?.path).toBe('/identity/oauth/token');
      expect(marketo.requests[0]?.path).toBe('/bulk/v1/leads/export/1/status.json');
    },
  );

  it('names the instance by its host in lower case', () => {
    const endpoint = 'https://123-ABC-456.mktorest.com/rest';
    expect(marketo.client({ endpoint }).instanceHost).toBe('123-abc-456.mktorest.com');
  });

  it('gives what the schema promises and the request id, and minds no other keys', async () => {
    marketo.willReply(success([{ status: 'Created', added: 1 }], { warnings: [], errors: [], more: true }));
    expect(await marketo.client().call(CALL, schema)).toEqual({
      requestId: '6902#16fb52118bf',
      result: [{ status: 'Created', added: 1 }],
    });
  });

  it('is an error where success is false although the status is 200, also with a number for a code', async () => {
    marketo.willReply(refusal('610', 'Requested resource not found'), refusal(610));
    for (const error of [
      await marketoFailureOf(marketo.client().call(CALL, schema)),
      await marketoFailureOf(marketo.client().call(CALL, schema)),
    ]) {
      expect(error).toMatchObject({ code: '610', endpoint: 'status', requestId: 'e42b#14272d07d78' });
    }
  });

  it.each([502, 503, 504])('is retried without end where a gateway answers %d in HTML', async (status) => {
    marketo.willReply({ status, headers: { 'content-type': 'text/html' }, body: '<html><h1>Sorry</h1></html>' });
    const error = await marketoFailureOf(marketo.client().call(CALL, schema));
    expect(error).toMatchObject({ code: `HTTP ${status}`, action: 'retry', outcomeUnknown: true });
    expect(error.message).not.toContain('Sorry');
  });

  it.each([
    [403, 'fail'],
    [404, 'fail'],
    [413, 'fail'],
    [414, 'fail'],
    [429, 'retry'],
    [500, 'retryBounded'],
  ])('goes by the status %d: %s', async (status, action) => {
    marketo.willReply({ status, body: 'text' });
    expect(await marketoFailureOf(marketo.client().call(CALL, schema))).toMatchObject({
      code: `HTTP ${status}`,
      action,
    });
  });

  it('does not follow a redirect with its token', async () => {
    marketo.willReply({ status: 302, headers: { location: `${marketo.origin}/elsewhere` }, body: '' });
    const error = await marketoFailureOf(marketo.client().call(CALL, schema));
    expect(error).toMatchObject({ code: 'HTTP 302', action: 'fail' });
    expect(marketo.requests).toHaveLength(1);
  });

  it.each([
    ['https://login.example.com/sso?state=s3cret', 'login.example.com'],
    ['//login.example.com/sso', 'login.example.com'],
    ['/sso?state=s3cret', 'another path'],
    ['http://[', 'another path'],
  ])('tells the host alone where it is sent to %s', async (location, place) => {
    marketo.willReply({ status: 307, headers: { location }, body: '' });
    const { message } = await marketoFailureOf(marketo.client().call(CALL, schema));
    expect(message).toContain(`MARKETO_ENDPOINT redirects to ${place}.`);
    expect(message).not.toContain('sso');
  });

  it('keeps the wait that Retry-After asks for', async () => {
    marketo.willReply({ status: 429, headers: { 'retry-after': '7' }, body: '' });
    expect((await marketoFailureOf(marketo.client().call(CALL, schema))).retryAfterSeconds).toBe(7);
  });

  it.each([
    ['cut JSON', '{"requestId":"1","success":true,"resu', 'cut or broken JSON'],
    ['HTML with status 200', '<html></html>', 'HTML'],
    ['nothing', '', 'empty'],
    ['text', 'ada@example.com', 'plain text'],
    ['a result of another kind', '{"success":true,"result":[{"status":"ada@example.com".length}]}', 'JSON'],
  ])('cannot be read with %s', async (_, body, place) => {
    marketo.willReply({ headers: { 'content-type': 'application/json' }, body });
    const error = await marketoFailureOf(marketo.client().call(CALL, schema));
    expect(error).toMatchObject({ code: 'INVALID_BODY', action: 'retryBounded', outcomeUnknown: true });
    expect(error.message).toContain(place);
    expect(error.message).not.toContain('ada@');
  });

  it.each([
    ['JSON that is no object', '[]', 'success'],
    ['an answer without success', '{"result":[{"status":"Created"}]}', 'success'],
    ['success as text', '{"success":"true","result":[{"status":"Created"}]}', 'success'],
    ['success without a result', '{"success":true,"requestId":"1"}', 'result'],
    ['an empty result', '{"success":true,"result":[]}', 'result'],
    ['a wrong type inside', '{"success":true,"result":[{"status":{"ada@example.com":1}}]}', 'result.0.status'],
    ['failure without errors', '{"success":false}', 'without an error'],
    ['failure with errors that are none', '{"success":false,"errors":["603"]}', 'without an error'],
  ])('is of another shape than documented with %s', async (_, body, place) => {
    marketo.willReply({ headers: { 'content-type': 'application/json' }, body });
    const error = await marketoFailureOf(marketo.client().call(CALL, schema));
    expect(error).toMatchObject({
      code: 'UNEXPECTED_SHAPE',
      action: 'retryBounded',
      outcomeUnknown: true,
      endpoint: 'status',
    });
    expect(error.message).toContain(place);
    expect(error.message).not.toContain('ada@');
  });

  it('may have been acted upon where the connection breaks after it was sent', async () => {
    // The second is the one that goes out by itself on a new connection.
    marketo.willReply(reset, reset);
    const error = await marketoFailureOf(marketo.client().call(CALL, schema));
    expect(error).toMatchObject({ code: 'NETWORK', action: 'retry', outcomeUnknown: true });
    expect(error.message).toContain('ECONNRESET');
  });

  it('was not acted upon where no connection could be made', async () => {
    marketo.willReply({ headers: { connection: 'close' }, body: { success: true, result: [{ status: 'Created' }] } });
    const client = marketo.client();
    await client.call(CALL, schema);
    await marketo.stop();
    const error = await marketoFailureOf(client.call(CALL, schema));
    expect(error).toMatchObject({ code: 'NETWORK', action: 'retry', outcomeUnknown: false });
    marketo = await ScriptedMarketo.start();
  });

  it('throws the reason of an abort, and nothing of the request', async () => {
    const reason = new Error('the worker shuts down');
    const abort = new AbortController();
    marketo.willReply(() => {
      abort.abort(reason);
    });
    expect(await failureOf(marketo.client().call({ ...CALL, signal: abort.signal }, schema))).toBe(reason);
  });

  it('makes no request once it is aborted', async () => {
    const reason = new Error('too late');
    const call = { ...CALL, signal: AbortSignal.abort(reason) };
    expect(await failureOf(marketo.client().call(call, schema))).toBe(reason);
    expect(marketo.identityRequests).toHaveLength(0);
  });

  it('is told to whoever counts calls, with its code', async () => {
    const calls: string[] = [];
    marketo.willReply(success([{ status: 'Created' }]), refusal('602'), refusal('606'), reset, reset);
    const client = marketo.client({ onCall: (endpoint, code) => calls.push(`${endpoint} ${code}`) });
    await client.call(CALL, schema);
    await marketoFailureOf(client.call(CALL, schema));
    await marketoFailureOf(client.call(CALL, schema));
    expect(calls).toEqual([
      ...['identity ok', 'status ok'],
      ...['status 602', 'identity ok', 'status 606'],
      'status NETWORK',
    ]);
  });
});

describe('an answer without end', () => {
  it('is read up to 16 MiB of what a small body unpacks to, in bounded memory', async () => {
    // 400 MB of spaces, as 400 members of a gzip file.
    const member = gzipSync(Buffer.alloc(1_000_000, 0x20));
    const packed = Buffer.concat(Array.from({ length: 400 }, () => member));
    expect(packed.length).toBeLessThan(1_000_000);
    marketo.willReply({ headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' }, body: packed });
    const before = process.memoryUsage().rss;
    const error = await marketoFailureOf(marketo.client().call(CALL, schema));
    expect(error).toMatchObject({ code: 'UNEXPECTED_SHAPE', action: 'retryBounded' });
    expect(error.message).toContain('16 MiB');
    expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
  });

  it('may be gzip, and may have 15 MiB', async () => {
    const body = JSON.stringify({ success: true, result: [{ status: 'Created', more: 'x'.repeat(15 * 2 ** 20) }] });
    marketo.willReply({ headers: { 'content-encoding': 'gzip' }, body: gzipSync(body) });
    expect((await marketo.client().call(CALL, schema)).result[0].status).toBe('Created');
  });

  it('is given up after the time that the call has', async () => {
    marketo.willReply((response) => response.writeHead(200).write('{'));
    const error = await marketoFailureOf(marketo.client().call({ ...CALL, timeoutSeconds: 0.2 }, schema));
    expect(error).toMatchObject({ code: 'NETWORK', action: 'retry', outcomeUnknown: true });
  });
});

describe('a connection that the server closes without a word', () => {
  const created = { success: true, result: [{ status: 'Created' }] };

  it('is kept for the next call as long as it is open', async () => {
    const ports = new Set<number | undefined>();
    const client = marketo.client();
    for (let call = 0; call < 3; call++) {
      marketo.willReply((response) => {
        ports.add(response.socket?.remotePort);
        response.end(JSON.stringify(created));
      });
      await client.call(CALL, schema);
    }
    expect(ports.size).toBe(1);
  });

  it.each(['GET', 'POST'] as const)('makes a %s go out again at once on a new one', async (method) => {
    const client = marketo.client();
    marketo.willReply({ body: created }, reset, { body: created });
    await client.call(CALL, schema);
    expect((await client.call({ ...CALL, method }, schema)).result[0].status).toBe('Created');
    expect(marketo.requests).toHaveLength(3);
    expect(marketo.requests[2]).toMatchObject({ method, headers: { connection: 'close' } });
  });

  it('does not meet what must not be sent twice, which has a connection of its own', async () => {
    const client = marketo.client();
    marketo.willReply({ body: created }, { body: created });
    await client.call(CALL, schema);
    await client.call({ ...CALL, method: 'POST', repeatable: false }, schema);
    expect(marketo.requests).toHaveLength(2);
    expect(marketo.requests[1]?.headers.connection).toBe('close');
  });

  it('is an error on a new one: a request that was sent may have been acted upon', async () => {
    marketo.willReply(reset);
    const call = { ...CALL, method: 'POST', repeatable: false } as const;
    expect(await marketoFailureOf(marketo.client().call(call, schema))).toMatchObject({ outcomeUnknown: true });
    expect(marketo.requests).toHaveLength(1);
  });

  it('is an error after a part of an answer, whatever it was', async () => {
    const client = marketo.client();
    marketo.willReply({ body: created }, (response) => {
      response.writeHead(200, { 'content-length': '99' });
      response.write('{', () => response.socket?.resetAndDestroy());
    });
    await client.call(CALL, schema);
    expect(await marketoFailureOf(client.call(CALL, schema))).toMatchObject({ code: 'NETWORK' });
    expect(marketo.requests).toHaveLength(2);
  });
});

describe('readAnswer', () => {
  it('gives what the schema wants or throws a MarketoError, for any JSON', () => {
    const errors = fc.array(fc.record({ code: fc.jsonValue(), message: fc.jsonValue() }, { requiredKeys: [] }));
    const almost = fc.record(
      {
        success: fc.oneof(fc.boolean(), fc.jsonValue()),
        requestId: fc.oneof(fc.string(), fc.jsonValue()),
        errors: fc.oneof(errors, fc.jsonValue()),
        result: fc.oneof(fc.array(fc.record({ status: fc.oneof(fc.string(), fc.jsonValue()) })), fc.jsonValue()),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(almost, fc.jsonValue()), (value) => {
        const body = JSON.stringify(value);
        try {
          const answer = readAnswer(body, 'status', schema);
          expect(JSON.parse(body)).toMatchObject({ success: true, result: [{ status: answer.result[0].status }] });
        } catch (error) {
          expect(error).toBeInstanceOf(MarketoError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('throws a MarketoError for any text that is no JSON', () => {
    fc.assert(
      fc.property(fc.string(), (body) => {
        expect(() => readAnswer(`{${body}`, 'status', schema)).toThrow(MarketoError);
      }),
    );
  });
});

describe('parseRetryAfter', () => {
  const now = Date.UTC(2026, 0, 1);

  it.each([
    ['7', 7],
    ['0', 0],
    ['99999999999999999999', 3600],
    ['Thu, 01 Jan 2026 00:01:00 GMT', 60],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
  ])('reads %j as %p seconds', (header, seconds) => {
    expect(parseRetryAfter(header, now)).toBe(seconds);
  });
});
