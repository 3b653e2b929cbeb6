import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A forward proxy on loopback that knows one server by every name: it tunnels (CONNECT) and passes on plain requests. */
export class ForwardProxy {
  /** `host:port` of each tunnel that was asked for, with the credentials that came along. */
  readonly tunnels: { readonly target: string; readonly authorization: string | undefined }[] = [];
  /** URLs of plain requests. */
  readonly requests: string[] = [];
  /** Answers a CONNECT with this status instead of a tunnel. */
  refusesWith: number | undefined;
  private readonly sockets = new Set<Duplex>();

  private constructor(
    private readonly server: Server,
    private readonly targetPort: number,
  ) {
    server.on('connect', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.tunnel(request, socket, head);
    });
    server.on('request', (request, response) => {
      this.requests.push(request.url ?? '');
      const { method = 'GET', headers } = request;
      const { pathname, search } = new URL(request.url ?? '');
      const onward = httpRequest({ port: targetPort, host: '127.0.0.1', path: pathname + search, method, headers });
      onward.on('response', (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      onward.on('error', () => response.destroy());
      request.pipe(onward);
    });
  }

  /** @param targetPort port of the server on loopback that every host stands for */
  static async start(targetPort: number): Promise<ForwardProxy> {
    const proxy = new ForwardProxy(createServer(), targetPort);
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private tunnel({ url = '', headers }: IncomingMessage, inner: Duplex, head: Buffer): void {
    this.tunnels.push({ target: url, authorization: headers['proxy-authorization'] });
    if (this.refusesWith !== undefined) {
      inner.end(`HTTP/1.1 ${this.refusesWith} Refused\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const outer: Socket = connect(this.targetPort, '127.0.0.1', () => {
      inner.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      outer.write(head);
      inner.pipe(outer).pipe(inner);
    });
    for (const [socket, other] of [
      [inner, outer],
      [outer, inner],
    ]) {
      if (socket) this.sockets.add(socket);
      socket?.on('error', () => other?.destroy());
    }
  }
}
