import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { failure, requestId, sendJson, sendText, success } from './answers.js';
import type { FaultEffect } from './faults.js';
import type { Identity } from './identity.js';
import type { Jobs } from './jobs.js';

/** Faults that take the place of a call, or change the instance before it; `done` if there is nothing left to serve. */
export async function applyFaults(
  { identities, jobs }: { readonly identities: readonly Identity[]; readonly jobs: Jobs },
  effects: readonly FaultEffect[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<{ done: boolean; answerLost: boolean }> {
  for (const effect of effects) {
    switch (effect.kind) {
      case 'error':
        sendJson(response, failure(effect.code, effect.message));
        return { done: true, answerLost: false };
      case 'http':
        sendText(response, effect.body ?? '', effect.status, effect.contentType ?? 'text/html', effect.headers);
        return { done: true, answerLost: false };
      case 'reset':
        request.socket.destroy();
        return { done: true, answerLost: false };
      case 'hang':
        setTimeout(() => request.socket.destroy(), effect.seconds * 1000).unref();
        return { done: true, answerLost: false };
      case 'noResult':
        sendJson(response, success({}));
        return { done: true, answerLost: false };
      case 'gzipBomb':
        await sendGzipBomb(response, effect.bytes);
        return { done: true, answerLost: false };
      case 'delay':
        delayAnswer(response, effect.seconds);
        break;
      case 'closeAfter':
        closeAfter(request, response);
        break;
      case 'expireToken':
        for (const identity of identities) identity.expire();
        break;
      case 'dyingToken':
        for (const identity of identities) identity.letDie(effect.secondsLeft);
        break;
      case 'quotaExceeded':
        jobs.exhaustQuota();
        break;
      case 'truncateBody':
        cutAnswer(response);
        break;
      default:
    }
  }
  const answerLost = effects.some(({ kind }) => kind === 'resetAfter');
  if (answerLost) response.end = (): ServerResponse => response;
  return { done: false, answerLost };
}

/** Closes the connection once the answer is out, although its headers promise to keep it. */
export function closeAfter(request: IncomingMessage, response: ServerResponse): void {
  response.once('finish', () => {
    request.socket.destroySoon();
  });
}

/** Holds the end of an answer back, and with it all of an answer that is sent at once. */
function delayAnswer(response: ServerResponse, seconds: number): void {
  const end = response.end.bind(response) as (body?: string) => ServerResponse;
  response.end = ((body?: string) => {
    setTimeout(() => end(body), seconds * 1000).unref();
    return response;
  }) as typeof response.end;
}

/** Lets only the first half of the answer out, without the length that would give it away. */
function cutAnswer(response: ServerResponse): void {
  const end = response.end.bind(response) as (body: string) => ServerResponse;
  const writeHead = response.writeHead.bind(response) as (status: number, headers: object) => ServerResponse;
  response.writeHead = ((status: number, headers: Record<string, string>) =>
    writeHead(status, { 'content-type': headers['content-type'] })) as typeof response.writeHead;
  response.end = ((body: string) => end(body.slice(0, body.length / 2))) as typeof response.end;
}

/** Good JSON of so many bytes, nearly all of them spaces, packed as it is made. */
async function sendGzipBomb(response: ServerResponse, bytes: number): Promise<void> {
  const [head, tail] = [`{"requestId":"${requestId()}","success":true,"result":[`, ']}'];
  const spaces = Buffer.alloc(65_536, ' ');
  function* body(): Generator<Buffer> {
    yield Buffer.from(head);
    for (let left = bytes - head.length - tail.length; left > 0; left -= spaces.length)
      yield spaces.subarray(0, Math.min(left, spaces.length));
    yield Buffer.from(tail);
  }
  response.writeHead(200, { 'content-type': 'application/json;charset=UTF-8', 'content-encoding': 'gzip' });
  // Whoever reads no more of it closes the connection.
  await pipeline(Readable.from(body()), createGzip(), response).catch(() => undefined);
}
