import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { z } from 'zod';
import type { Call, MarketoClient } from '../../src/marketo/client.js';
import { marketoFailureOf } from './helpers/failure.js';
import { refusal, ScriptedMarketo, success } from './helpers/scripted-marketo.js';

const CALL: Call = { endpoint: 'status', method: 'GET', path: 'status.json' };
const REFUSED = { status: 401, body: '' };
const MINUTE = 60_000;

let marketo: ScriptedMarketo;
let client: MarketoClient;

beforeEach(async () => {
  marketo = await ScriptedMarketo.start();
  client = marketo.client();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await marketo.stop();
});

function call(): Promise<unknown> {
  return client.call(CALL, z.object({}));
}

function later(minutes: number): void {
  const now = Date.now() + minutes * MINUTE;
  jest.spyOn(Date, 'now').mockReturnValue(now);
}

describe('a HTTP 401', () => {
  it('ends a run at once where no call was ever answered', async () => {
    marketo.willReply(REFUSED, REFUSED);
    expect(await marketoFailureOf(call())).toMatchObject({ code: 'HTTP 401', action: 'fail', access: true });
  });

  it('is borne for ten minutes in the middle of a run, and ends it then', async () => {
    marketo.willReply(success(), ...Array.from({ length: 6 }, () => REFUSED));
    await call();
    expect(await marketoFailureOf(call())).toMatchObject({ code: 'HTTP 401', action: 'retryBounded', access: false });
    later(9);
    expect(await marketoFailureOf(call())).toMatchObject({ action: 'retryBounded' });
    later(2);
    expect(await marketoFailureOf(call())).toMatchObject({ action: 'fail', access: true });
  });

  it('is borne anew once a call was answered again', async () => {
    marketo.willReply(success(), REFUSED, REFUSED, success(), REFUSED, REFUSED);
    await call();
    await marketoFailureOf(call());
    later(9);
    await call();
    later(9);
    expect(await marketoFailureOf(call())).toMatchObject({ action: 'retryBounded' });
  });

  it('is borne from the identity endpoint as well', async () => {
    marketo.willReply(success(), refusal('602'));
    await call();
    marketo.willIdentify({ status: 401, body: { error: 'unauthorized' } });
    expect(await marketoFailureOf(call())).toMatchObject({ endpoint: 'identity', action: 'retryBounded' });
  });
});
