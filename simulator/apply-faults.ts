import type { IncomingMessage, ServerResponse } from 'node:http';
import { failure, sendJson, sendText, success } from './answers.js';
import type { FaultEffect } from './faults.js';
import type { Identity } from './identity.js';
import type { Jobs } from './jobs.js';

/** Faults that take the place of a call, or change the instance before it; `done` if there is nothing left to serve. */
export function applyFaults(
  { identity, jobs }: { readonly identity: Identity; readonly jobs: Jobs },
  effects: readonly FaultEffect[],
  request: IncomingMessage,
  response: ServerResponse,
): { done: boolean; answerLost: boolean } {
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
      case 'expireToken':
        identity.expire();
        break;
      case 'dyingToken':
        identity.letDie(effect.secondsLeft);
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

/** Lets only the first half of the answer out, without the length that would give it away. */
function cutAnswer(response: ServerResponse): void {
  const end = response.end.bind(response) as (body: string) => ServerResponse;
  const writeHead = response.writeHead.bind(response) as (status: number, headers: object) => ServerResponse;
  response.writeHead = ((status: number, headers: Record<string, string>) =>
    writeHead(status, { 'content-type': headers['content-type'] })) as typeof response.writeHead;
  response.end = ((body: string) => end(body.slice(0, body.length / 2))) as typeof response.end;
}
