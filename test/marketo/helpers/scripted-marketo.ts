import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createMarketoClient, type MarketoClient, type MarketoOptions } from '../../../src/marketo/client.js';

export const TOKEN = 'cdf01657-110d-4155-99a7-f986b2ff13a0:int';
export const OTHER_TOKEN = '7f4a1c02-93be-4d7e-8a55-1f0f6a2b9c3d:int';
export const CREDENTIALS = { clientId: 'the-client-id', clientSecret: 'the/client+secret&more' } as const;

/** What the server does with one request: answer, or anything that a test does with the sockets itself. */
export type Reply = Answer | ((response: ServerResponse, request: IncomingMessage) => void);

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body: object | string | Buffer;
}

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A server on loopback that answers as a test says, in order. What it is not told of it answers with status 599. */
export class ScriptedMarketo {
  /** Requests to anything but the identity endpoint. */
  readonly requests: RecordedRequest[] = [];
  readonly identityRequests: RecordedRequest[] = [];
  private readonly replies: Reply[] = [];
  private readonly identityReplies: Reply[] = [];

  private constructor(private readonly server: Server) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.handle(request, response);
    });
  }

  static async start(): Promise<ScriptedMarketo> {
    const marketo = new ScriptedMarketo(createServer());
    marketo.server.listen(0, '127.0.0.1');
    await once(marketo.server, 'listening');
    return marketo;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  client(options: Partial<MarketoOptions> = {}): MarketoClient {
    return createMarketoClient({ endpoint: this.origin, ...CREDENTIALS, ...options });
  }

  willReply(...replies: Reply[]): void {
    this.replies.push(...replies);
  }

  /** Where nothing is said, identity hands out {@link TOKEN}. */
  willIdentify(...replies: Reply[]): void {
    this.identityReplies.push(...replies);
  }

  /** Drops the replies that were not used. */
  forget(): void {
    this.replies.length = 0;
  }

  /** Tokens that the calls were made with. */
  get tokens(): (string | undefined)[] {
    return this.requests.map(({ headers }) => headers.authorization?.replace('Bearer ', ''));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', this.origin);
    const isIdentity = url.pathname === '/identity/oauth/token';
    (isIdentity ? this.identityRequests : this.requests).push({
      method: request.method ?? '',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body: await text(request),
    });
    const reply = isIdentity
      ? (this.identityReplies.shift() ?? token(TOKEN))
      : (this.replies.shift() ?? { status: 599, body: 'nothing was scripted' });
    if (typeof reply === 'function') {
      reply(response, request);
      return;
    }
    const { status = 200, headers = {}, body } = reply;
    const isJson = typeof body === 'object' && !Buffer.isBuffer(body);
    response.writeHead(status, { ...(isJson && { 'content-type': 'application/json;charset=UTF-8' }), ...headers });
    response.end(isJson ? JSON.stringify(body) : body);
  }
}

/** What the identity endpoint answers. */
export function token(value: string, secondsLeft = 3599): Reply {
  return {
    body: { access_token: value, token_type: 'bearer', expires_in: secondsLeft, scope: 'apis@acmeinc.com' },
  };
}

export function success(result?: unknown, more: object = {}): Reply {
  return { body: { requestId: '6902#16fb52118bf', success: true, ...(result !== undefined && { result }), ...more } };
}

export function refusal(code: string | number, message = 'refused'): Reply {
  return { body: { requestId: 'e42b#14272d07d78', success: false, errors: [{ code, message }] } };
}
