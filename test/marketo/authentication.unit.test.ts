import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Call } from '../../src/marketo/client.js';
import { failureOf, marketoFailureOf } from './helpers/failure.js';
import {
  CREDENTIALS,
  OTHER_TOKEN,
  refusal,
  ScriptedMarketo,
  success,
  token,
  TOKEN,
} from './helpers/scripted-marketo.js';

const CALL: Call = { endpoint: 'status', method: 'GET', path: 'status.json' };
const anything = z.object({});

let marketo: ScriptedMarketo;

beforeEach(async () => {
  marketo = await ScriptedMarketo.start();
});

afterEach(async () => {
  await marketo.stop();
});

describe('a token', () => {
  it('is asked for as documented: credentials in the query of a GET', async () => {
    marketo.willReply(success());
    await marketo.client().call(CALL, anything);
    expect(marketo.identityRequests).toMatchObject([
      {
        method: 'GET',
        query: {
          grant_type: 'client_credentials',
          client_id: CREDENTIALS.clientId,
          client_secret: CREDENTIALS.clientSecret,
        },
      },
    ]);
  });

  it('is kept for later calls', async () => {
    marketo.willReply(success(), success(), success());
    const client = marketo.client();
    for (let calls = 0; calls < 3; calls++) await client.call(CALL, anything);
    expect(marketo.identityRequests).toHaveLength(1);
    expect(marketo.tokens).toEqual([TOKEN, TOKEN, TOKEN]);
  });

  it('is asked for once by calls at the same time', async () => {
    marketo.willReply(success(), success(), success());
    const client = marketo.client();
    await Promise.all([1, 2, 3].map(() => client.call(CALL, anything)));
    expect(marketo.identityRequests).toHaveLength(1);
  });

  it('is used to its end: one of little life is not asked for again before each call', async () => {
    marketo.willIdentify(token(TOKEN, 10));
    marketo.willReply(success(), success());
    const client = marketo.client();
    await client.call(CALL, anything);
    await client.call(CALL, anything);
    expect(marketo.identityRequests).toHaveLength(1);
  });

  it('is asked for again once it has expired by the clock', async () => {
    marketo.willIdentify(token(TOKEN, 0), token(OTHER_TOKEN));
    marketo.willReply(success(), success());
    const client = marketo.client();
    await client.call(CALL, anything);
    await client.call(CALL, anything);
    expect(marketo.tokens).toEqual([TOKEN, OTHER_TOKEN]);
  });

  it('belongs to one client: another one asks for its own', async () => {
    marketo.willReply(success(), success());
    await marketo.client().call(CALL, anything);
    await marketo.client({ clientId: 'another' }).call(CALL, anything);
    expect(marketo.identityRequests.map(({ query }) => query['client_id'])).toEqual([CREDENTIALS.clientId, 'another']);
  });
});

describe('a refused token', () => {
  it.each(['600', '601', '602'])('is replaced on %s whatever the clock says, and the call made again', async (code) => {
    marketo.willIdentify(token(TOKEN), token(OTHER_TOKEN));
    marketo.willReply(refusal(code), success());
    await marketo.client().call(CALL, anything);
    expect(marketo.tokens).toEqual([TOKEN, OTHER_TOKEN]);
  });

  it('is replaced on a HTTP 401 too, which is an error only the second time', async () => {
    marketo.willIdentify(token(TOKEN), token(OTHER_TOKEN));
    marketo.willReply({ status: 401, body: '' }, success());
    await marketo.client().call(CALL, anything);
    expect(marketo.tokens).toEqual([TOKEN, OTHER_TOKEN]);
    marketo.willReply({ status: 401, body: '' }, { status: 401, body: '' });
    const refused = marketo.client().call(CALL, anything);
    expect(await marketoFailureOf(refused)).toMatchObject({ code: 'HTTP 401', action: 'fail', access: true });
  });

  it('is replaced in the middle of a run, for the calls after as well', async () => {
    marketo.willIdentify(token(TOKEN), token(OTHER_TOKEN));
    marketo.willReply(success(), refusal('602'), success(), success());
    const client = marketo.client();
    for (let calls = 0; calls < 3; calls++) await client.call(CALL, anything);
    expect(marketo.tokens).toEqual([TOKEN, TOKEN, OTHER_TOKEN, OTHER_TOKEN]);
    expect(marketo.identityRequests).toHaveLength(2);
  });

  it('is replaced once by calls at the same time', async () => {
    marketo.willIdentify(token(TOKEN), token(OTHER_TOKEN));
    marketo.willReply(success(), refusal('602'), refusal('602'), success(), success());
    const client = marketo.client();
    await client.call(CALL, anything);
    await Promise.all([client.call(CALL, anything), client.call(CALL, anything)]);
    expect(marketo.identityRequests).toHaveLength(2);
    expect(marketo.tokens).toEqual([TOKEN, TOKEN, TOKEN, OTHER_TOKEN, OTHER_TOKEN]);
  });

  it('is not replaced again for a call that hears of it late', async () => {
    marketo.willIdentify(token(TOKEN), token(OTHER_TOKEN));
    const client = marketo.client();
    const late = new Promise<ServerResponse>((resolve) => {
      marketo.willReply(resolve);
    });
    const slow = client.call(CALL, anything);
    const response = await late;
    marketo.willReply(refusal('602'), success(), success());
    await client.call(CALL, anything);
    response.end('{"success":false,"errors":[{"code":"602","message":"Access token expired"}]}');
    await slow;
    expect(marketo.tokens).toEqual([TOKEN, TOKEN, OTHER_TOKEN, OTHER_TOKEN]);
    expect(marketo.identityRequests).toHaveLength(2);
  });

  it('that is handed out again with little life left is waited out', async () => {
    marketo.willIdentify(token(TOKEN), token(TOKEN, 0), token(OTHER_TOKEN));
    marketo.willReply(refusal('602'), success());
    await marketo.client().call(CALL, anything);
    expect(marketo.identityRequests).toHaveLength(3);
    expect(marketo.tokens).toEqual([TOKEN, OTHER_TOKEN]);
  });

  it('that is handed out again with much life left is tried again, and then the call fails for now', async () => {
    marketo.willIdentify(token(TOKEN), token(TOKEN, 3000));
    marketo.willReply(refusal('601'), refusal('601'));
    const error = await marketoFailureOf(marketo.client().call(CALL, anything));
    expect(error).toMatchObject({ code: '601', action: 'retryBounded', requestId: 'e42b#14272d07d78' });
    expect(marketo.identityRequests).toHaveLength(2);
  });

  it('stops the call where waiting for its end is aborted', async () => {
    const abort = new AbortController();
    marketo.willIdentify(token(TOKEN), (response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ access_token: TOKEN, expires_in: 50 }), () => {
        setTimeout(() => {
          abort.abort();
        }, 50);
      });
    });
    marketo.willReply(refusal('602'));
    const error = await failureOf(marketo.client().call({ ...CALL, signal: abort.signal }, anything));
    expect(error).toMatchObject({ name: 'AbortError' });
    expect(marketo.requests).toHaveLength(1);
  });
});

describe('the identity endpoint', () => {
  it.each([
    [
      'a 401',
      401,
      { error: 'unauthorized', error_description: `No client with requested id: ${CREDENTIALS.clientId}` },
    ],
    ['a 401 of another kind', 401, { error: 'invalid_client', error_description: CREDENTIALS.clientSecret }],
    ['an error with status 200', 200, { error: 'invalid_client' }],
  ])('refuses the credentials for good with %s', async (_, status, body) => {
    marketo.willIdentify({ status, body });
    const error = await marketoFailureOf(marketo.client().call(CALL, anything));
    expect(error).toMatchObject({ code: 'HTTP 401', action: 'fail', access: true, endpoint: 'identity' });
    expect(error.message).toContain('MARKETO_CLIENT_SECRET');
    expect(marketo.requests).toHaveLength(0);
  });

  it.each([
    ['HTML', '<html></html>'],
    ['no token', { token_type: 'bearer', expires_in: 3599 }],
    ['no life', { access_token: TOKEN }],
    ['a token that breaks a header', { access_token: `${TOKEN}\r\nx: y`, expires_in: 3599 }],
  ])('may come to its senses where it answers with %s', async (_, body) => {
    marketo.willIdentify({ body });
    const error = await marketoFailureOf(marketo.client().call(CALL, anything));
    expect(error).toMatchObject({ action: 'retryBounded', endpoint: 'identity' });
  });

  it.each(['3599', 3599])('may tell the life of a token as %j', async (expires_in) => {
    marketo.willIdentify({ body: { access_token: TOKEN, expires_in } });
    marketo.willReply(success(), success());
    const client = marketo.client();
    await client.call(CALL, anything);
    await client.call(CALL, anything);
    expect(marketo.identityRequests).toHaveLength(1);
  });

  it('is asked again by the next call after it failed, which was never made', async () => {
    marketo.willIdentify({ status: 502, body: '<html></html>' }, (response) => response.destroy(), token(TOKEN));
    marketo.willReply(success());
    const client = marketo.client();
    expect(await marketoFailureOf(client.call(CALL, anything))).toMatchObject({
      code: 'HTTP 502',
      action: 'retry',
      outcomeUnknown: false,
    });
    expect(await marketoFailureOf(client.call(CALL, anything))).toMatchObject({
      code: 'NETWORK',
      action: 'retry',
      outcomeUnknown: false,
    });
    await client.call(CALL, anything);
    expect(marketo.tokens).toEqual([TOKEN]);
  });

  it('may be slow without keeping back a call that is aborted', async () => {
    const abort = new AbortController();
    const reason = new Error('the worker shuts down');
    marketo.willIdentify(() => {
      abort.abort(reason);
    });
    expect(await failureOf(marketo.client().call({ ...CALL, signal: abort.signal }, anything))).toBe(reason);
  });
});
