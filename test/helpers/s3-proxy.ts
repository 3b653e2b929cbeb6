import { once } from 'node:events';
import {
  Agent,
  createServer,
  request as send,
  type ClientRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** Operations of S3 as far as the service uses them. */
export type Operation =
  | 'HeadBucket'
  | 'ListObjects'
  | 'ListMultipartUploads'
  | 'DeleteObjects'
  | 'CreateMultipartUpload'
  | 'UploadPart'
  | 'UploadPartCopy'
  | 'CompleteMultipartUpload'
  | 'AbortMultipartUpload'
  | 'ListParts'
  | 'GetObject'
  | 'HeadObject'
  | 'PutObject'
  | 'DeleteObject';

/** A request as it passes through. */
export interface S3Request {
  readonly operation: Operation | 'other';
  /** Key of the object, or nothing for requests to a bucket. */
  readonly key: string;
}

/** What becomes of a request. */
export type S3Effect =
  /** An error answer in place of S3's. */
  | { readonly kind: 'error'; readonly status: number; readonly code: string }
  /** The connection breaks before S3 hears of it. */
  | { readonly kind: 'reset' }
  /** S3 does it, and the connection breaks before the answer. */
  | { readonly kind: 'loseAnswer' }
  /** Neither S3 hears of it nor does anybody answer. */
  | { readonly kind: 'hold' }
  /** S3 does it, and nobody answers. */
  | { readonly kind: 'holdAnswer' }
  /** S3 hears of it at {@link S3Proxy.release}, also where its sender has given up by then: it was on its way. */
  | { readonly kind: 'late' };

/** Which requests a fault meets. */
export interface S3Fault {
  readonly operation: Operation;
  /** What the key must contain. */
  readonly key?: string | RegExp;
  readonly effect: S3Effect;
  /** How often. @default without limit */
  readonly times?: number;
}

/**
 * A door in front of S3 at which requests can be turned away, lost or held. The `Host` that clients sign is passed on, so
 * that signatures stay good.
 */
export class S3Proxy {
  /** Every request that came, in order. */
  readonly requests: S3Request[] = [];
  /** How often faults have struck. */
  struck = 0;
  /** Whole requests that are on their way to S3 and late. */
  late: (S3Request & { readonly arrive: () => void })[] = [];
  private faults: { readonly fault: S3Fault; left: number }[] = [];
  private readonly agent = new Agent({ keepAlive: true });
  private readonly server: Server;

  private constructor(private readonly target: URL) {
    this.server = createServer((request, response) => {
      this.pass(request, response);
    });
  }

  static async start(target: string): Promise<S3Proxy> {
    const proxy = new S3Proxy(new URL(target));
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  inject(...faults: readonly S3Fault[]): void {
    this.faults.push(...faults.map((fault) => ({ fault, left: fault.times ?? Infinity })));
  }

  /** Lets everything through from now on; what is held stays so. */
  clear(): void {
    this.faults = [];
  }

  /** Lets all that is late arrive at S3. */
  release(): void {
    const late = this.late;
    this.late = [];
    for (const { arrive } of late) arrive();
  }

  /** Requests of an operation so far. */
  count(operation: Operation): number {
    return this.requests.filter((request) => request.operation === operation).length;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.agent.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private pass(request: IncomingMessage, response: ServerResponse): void {
    const passing = readRequest(request);
    this.requests.push(passing);
    const effect = this.strike(passing);
    switch (effect?.kind) {
      case 'error':
        request.resume();
        request.on('end', () => {
          response.writeHead(effect.status, { 'content-type': 'application/xml' });
          response.end(`<Error><Code>${effect.code}</Code><Message>by a test</Message></Error>`);
        });
        return;
      case 'reset':
        request.socket.destroy();
        return;
      case 'hold':
        request.resume();
        return;
      case 'late':
        void this.keep(passing, request, response);
        return;
      default:
        this.forward(request, response, effect?.kind);
    }
  }

  /** Takes in a whole request, to be sent on later. */
  private async keep(passing: S3Request, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const arrive = (): void => {
      this.outgoing(request, (answer) => {
        if (response.destroyed) answer.resume();
        else {
          response.writeHead(answer.statusCode ?? 500, answer.rawHeaders);
          answer.on('error', () => response.destroy()).pipe(response);
        }
      })
        .on('error', () => response.destroy())
        .end(Buffer.concat(chunks));
    };
    this.late.push({ ...passing, arrive });
  }

  private outgoing(request: IncomingMessage, onAnswer: (answer: IncomingMessage) => void): ClientRequest {
    const { hostname, port } = this.target;
    const headers = request.rawHeaders.flatMap((value, index, all) =>
      index % 2 === 0 && value.toLowerCase() !== 'expect' ? [value, all[index + 1] ?? ''] : [],
    );
    const { method, url: path } = request;
    return send({ hostname, port, method, path, headers, agent: this.agent }, onAnswer);
  }

  private forward(request: IncomingMessage, response: ServerResponse, withheld: S3Effect['kind'] | undefined): void {
    const outgoing = this.outgoing(request, (answer) => {
      if (withheld === 'holdAnswer') {
        answer.resume();
        return;
      }
      if (withheld === 'loseAnswer') {
        answer.resume();
        answer.on('end', () => request.socket.destroy());
        return;
      }
      response.writeHead(answer.statusCode ?? 500, answer.rawHeaders);
      answer.on('error', () => response.destroy()).pipe(response);
    });
    outgoing.on('error', () => request.socket.destroy());
    request.on('error', () => outgoing.destroy()).pipe(outgoing);
    response.on('close', () => {
      if (!response.writableFinished && withheld === undefined) outgoing.destroy();
    });
  }

  private strike({ operation, key }: S3Request): S3Effect | undefined {
    const armed = this.faults.find(
      ({ fault, left }) => left > 0 && fault.operation === operation && matches(fault.key, key),
    );
    if (!armed) return undefined;
    armed.left--;
    this.struck++;
    return armed.fault.effect;
  }
}

function matches(wanted: string | RegExp | undefined, key: string): boolean {
  return wanted === undefined || (typeof wanted === 'string' ? key.includes(wanted) : wanted.test(key));
}

/** Names a request by method, query and headers (Amazon S3: API reference), path-style. */
function readRequest({ method = '', url = '', headers }: IncomingMessage): S3Request {
  const { pathname, searchParams: query } = new URL(url, 'http://s3');
  const [, , ...rest] = pathname.split('/');
  const key = decodeURIComponent(rest.join('/'));
  return { operation: key === '' ? ofBucket(method, query) : ofObject(method, query, headers), key };
}

function ofBucket(method: string, query: URLSearchParams): S3Request['operation'] {
  if (method === 'HEAD') return 'HeadBucket';
  if (method === 'POST' && query.has('delete')) return 'DeleteObjects';
  if (method === 'GET') return query.has('uploads') ? 'ListMultipartUploads' : 'ListObjects';
  return 'other';
}

function ofObject(method: string, query: URLSearchParams, headers: IncomingMessage['headers']): S3Request['operation'] {
  if (method === 'POST' && query.has('uploads')) return 'CreateMultipartUpload';
  if (method === 'POST' && query.has('uploadId')) return 'CompleteMultipartUpload';
  if (method === 'PUT' && query.has('partNumber'))
    return 'x-amz-copy-source' in headers ? 'UploadPartCopy' : 'UploadPart';
  if (method === 'PUT') return 'PutObject';
  if (method === 'DELETE') return query.has('uploadId') ? 'AbortMultipartUpload' : 'DeleteObject';
  if (method === 'GET') return query.has('uploadId') ? 'ListParts' : 'GetObject';
  return method === 'HEAD' ? 'HeadObject' : 'other';
}
