import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CompletedJob } from '../../src/contract/activities.js';
import { createMarketoClient, type MarketoClient } from '../../src/marketo/client.js';

const FILE = /^\/bulk\/v1\/leads\/export\/([^/]+)\/file\.json$/;

/** Marketo as far as it hands out files, which may be whatever a test says. */
export class ExportServer {
  /** First byte that was asked for, by download, in order. */
  readonly downloads: number[] = [];
  /** Whether answers tell their length. */
  tellsLength = true;
  private readonly files = new Map<string, Buffer>();

  private constructor(private readonly server: Server) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.answer(request, response);
    });
  }

  static async start(): Promise<ExportServer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ExportServer(server);
  }

  client(): MarketoClient {
    const endpoint = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return createMarketoClient({ endpoint, clientId: 'id', clientSecret: 'secret' });
  }

  /**
   * A completed job with this file.
   *
   * @param told what Marketo tells of it, where that is not the truth
   */
  job(file: Buffer, told: Partial<CompletedJob> = {}): CompletedJob {
    const exportId = randomUUID();
    this.files.set(exportId, file);
    return {
      exportId,
      bytes: file.length,
      sha256: createHash('sha256').update(file).digest('hex'),
      finishedAt: '2024-06-01T00:02:00.000Z',
      ...told,
    };
  }

  /** Replaces a file, or takes it away. */
  setFile(exportId: string, file: Buffer | undefined): void {
    if (file) this.files.set(exportId, file);
    else this.files.delete(exportId);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url ?? '', 'http://marketo');
    if (pathname === '/identity/oauth/token') {
      const token = { access_token: 'token', token_type: 'bearer', expires_in: 3599, scope: 'apis@acmeinc.com' };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(token));
      return;
    }
    const file = this.files.get(FILE.exec(pathname)?.[1] ?? '');
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? 'bytes=0-')?.[1]);
    this.downloads.push(start);
    if (!file) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('The requested file was not found.');
      return;
    }
    if (start > 0 && start >= file.length) {
      response.writeHead(416, { 'content-range': `bytes */${file.length}` }).end();
      return;
    }
    response.writeHead(start > 0 ? 206 : 200, {
      'content-type': 'text/csv;charset=UTF-8',
      ...(this.tellsLength && { 'content-length': file.length - start }),
      ...(start > 0 && { 'content-range': `bytes ${start}-${file.length - 1}/${file.length}` }),
    });
    response.end(file.subarray(start));
  }
}
