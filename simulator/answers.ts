import type { ServerResponse } from 'node:http';
import { randomBytes } from 'node:crypto';

/** An error as the REST API tells of it: in a 200, its code a string (Adobe: Error Codes). */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export function requestId(): string {
  return `${randomBytes(2).toString('hex')}#${randomBytes(6).toString('hex').slice(0, 11)}`;
}

export function success(more: object): object {
  return { requestId: requestId(), success: true, ...more };
}

/** A refusal; without a message the error has none. */
export function failure(code: string | number, message?: string): object {
  return { requestId: requestId(), success: false, errors: [{ code, ...(message !== undefined && { message }) }] };
}

export function sendJson(response: ServerResponse, body: object, status = 200): void {
  sendText(response, JSON.stringify(body), status, 'application/json;charset=UTF-8');
}

export function sendText(
  response: ServerResponse,
  body: string,
  status: number,
  contentType: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body), ...headers });
  response.end(body);
}
