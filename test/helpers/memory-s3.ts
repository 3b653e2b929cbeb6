import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { createObjectStore, type ObjectStore } from '../../src/storage/object-store.js';
import { errorXml } from '../storage/scripted-s3.js';
import {
  checked,
  metadataOf,
  plain,
  rangeOf,
  read,
  Refusal,
  refuse,
  stored,
  sum,
  xml,
  type Answer,
  type Stored,
} from './memory-s3-wire.js';

interface Upload {
  readonly key: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly parts: Map<number, Stored>;
}

/**
 * One bucket, `bucket`, in memory, with as much of S3 as a run uses: conditions, ranges and CRC-32s are heeded, lists have one
 * page, signatures and parts that are too small are nobody's business.
 */
export class MemoryS3 {
  readonly objects = new Map<string, Stored>();
  readonly uploads = new Map<string, Upload>();
  /** Requests so far, as method, path and query. */
  readonly requests: string[] = [];
  /** When set, all that is asked for is refused with this code. */
  refusing: { readonly status: number; readonly code: string } | undefined;

  private constructor(
    readonly store: ObjectStore,
    readonly stop: () => Promise<void>,
  ) {}

  static async start(): Promise<MemoryS3> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    process.env['AWS_ENDPOINT_URL_S3'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    process.env['AWS_ACCESS_KEY_ID'] = 'memory';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'memory';
    const store = createObjectStore({ region: 'us-east-1', forcePathStyle: true });
    const s3 = new MemoryS3(store, async () => {
      store.client.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    });
    server.on('request', (request: IncomingMessage, response) => {
      void s3.handle(request).then(({ status, headers, body }) => {
        response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body);
      });
    });
    return s3;
  }

  /** An object of that text, as somebody else would put it. */
  put(key: string, text: string | Buffer): void {
    this.objects.set(key, stored(Buffer.from(text), {}));
  }

  text(key: string): string {
    return this.object(key).bytes.toString();
  }

  keys(): string[] {
    return [...this.objects.keys()].sort();
  }

  openUploads(): string[] {
    return [...this.uploads.values()].map(({ key }) => key).sort();
  }

  private async handle(request: IncomingMessage): Promise<Answer> {
    const { method = '', headers } = request;
    this.requests.push(`${method} ${request.url ?? ''}`);
    const url = new URL(request.url ?? '', 'http://s3');
    const [, bucket = '', ...rest] = decodeURIComponent(url.pathname).split('/');
    const body = await buffer(request);
    try {
      if (this.refusing) throw new Refusal(this.refusing.status, this.refusing.code);
      if (bucket !== 'bucket') throw new Refusal(404, 'NoSuchBucket');
      const key = rest.join('/');
      return key === ''
        ? this.onBucket(method, url.searchParams, body)
        : this.onKey(method, key, url.searchParams, headers, body);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { status: error.status, body: errorXml(error.code) };
    }
  }

  private onBucket(method: string, query: URLSearchParams, body: Buffer): Answer {
    if (method === 'HEAD') return { status: 200 };
    if (method === 'POST') {
      for (const [, key = ''] of body.toString().matchAll(/<Key>(.*?)<\/Key>/g)) this.objects.delete(plain(key));
      return xml('DeleteResult', '');
    }
    const prefix = query.get('prefix') ?? '';
    if (query.has('uploads')) {
      const found = [...this.uploads].filter(([, { key }]) => key.startsWith(prefix));
      const items = found.map(([id, { key }]) => `<Upload><Key>${key}</Key><UploadId>${id}</UploadId></Upload>`);
      return xml('ListMultipartUploadsResult', items.join(''));
    }
    const keys = this.keys().filter((key) => key.startsWith(prefix));
    return xml('ListBucketResult', keys.map((key) => `<Contents><Key>${key}</Key></Contents>`).join(''));
  }

  private onKey(
    method: string,
    key: string,
    query: URLSearchParams,
    headers: IncomingHttpHeaders,
    body: Buffer,
  ): Answer {
    const uploadId = query.get('uploadId');
    if (uploadId !== null) return this.onUpload(method, uploadId, Number(query.get('partNumber')), headers, body);
    switch (method) {
      case 'POST': {
        const id = randomUUID();
        this.uploads.set(id, { key, metadata: metadataOf(headers), parts: new Map() });
        return xml('InitiateMultipartUploadResult', `<UploadId>${id}</UploadId>`);
      }
      case 'PUT':
        this.checkCondition(key, headers);
        return { status: 200, headers: { etag: this.write(key, checked(body, headers), metadataOf(headers)) } };
      case 'DELETE':
        this.objects.delete(key);
        return { status: 204 };
      default:
        return read(this.object(key), headers);
    }
  }

  private onUpload(method: string, id: string, partNumber: number, headers: IncomingHttpHeaders, body: Buffer): Answer {
    const upload = this.uploads.get(id);
    if (!upload) throw new Refusal(404, 'NoSuchUpload');
    switch (method) {
      case 'GET': {
        const parts = [...upload.parts].map(([number, { bytes, etag }]) => {
          return `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag><Size>${bytes.length}</Size>${sum(bytes)}</Part>`;
        });
        return xml('ListPartsResult', parts.join(''));
      }
      case 'DELETE':
        this.uploads.delete(id);
        return { status: 204 };
      case 'PUT': {
        const source = headers['x-amz-copy-source'];
        const part = stored(source === undefined ? checked(body, headers) : this.copied(String(source), headers), {});
        upload.parts.set(partNumber, part);
        if (source === undefined) return { status: 200, headers: { etag: part.etag } };
        return xml('CopyPartResult', `<ETag>${part.etag}</ETag>${sum(part.bytes)}`);
      }
      default: {
        this.checkCondition(upload.key, headers);
        const numbers = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)].map((match) =>
          Number(match[1]),
        );
        const parts = numbers.map((number) => upload.parts.get(number) ?? refuse(400, 'InvalidPart'));
        const whole = checked(Buffer.concat(parts.map(({ bytes }) => bytes)), headers);
        this.uploads.delete(id);
        const etag = this.write(upload.key, whole, upload.metadata);
        return xml('CompleteMultipartUploadResult', `<ETag>${etag}</ETag>${sum(whole)}`);
      }
    }
  }

  private copied(source: string, headers: IncomingHttpHeaders): Buffer {
    const object = this.object(decodeURIComponent(source).split('/').slice(1).join('/'));
    if (object.etag !== headers['x-amz-copy-source-if-match']) throw new Refusal(412, 'PreconditionFailed');
    return rangeOf(object.bytes, String(headers['x-amz-copy-source-range']));
  }

  private object(key: string): Stored {
    return this.objects.get(key) ?? refuse(404, 'NoSuchKey');
  }

  private write(key: string, bytes: Buffer, metadata: Stored['metadata']): string {
    const object = stored(bytes, metadata);
    this.objects.set(key, object);
    return object.etag;
  }

  private checkCondition(key: string, headers: IncomingHttpHeaders): void {
    const present = this.objects.get(key)?.etag;
    const [ifMatch, ifNoneMatch] = [headers['if-match'], headers['if-none-match']];
    if ((ifMatch !== undefined && ifMatch !== present) || (ifNoneMatch !== undefined && present !== undefined)) {
      throw new Refusal(412, 'PreconditionFailed');
    }
  }
}
