import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A door in front of a server that can be shut: every connection breaks then, and no new one is let through. */
export class Proxy {
  private readonly sockets = new Set<Socket>();
  private open = true;

  private constructor(private readonly server: Server) {}

  static async start(target: string): Promise<Proxy> {
    const [host = '', port = ''] = target.split(':');
    const server = createServer();
    const proxy = new Proxy(server);
    server.on('connection', (inner) => {
      if (!proxy.open) {
        inner.destroy();
        return;
      }
      const outer = connect(Number(port), host);
      for (const [socket, other] of [
        [inner, outer],
        [outer, inner],
      ] as const) {
        proxy.sockets.add(socket);
        socket.pipe(other);
        socket.on('error', () => other.destroy());
        socket.on('close', () => proxy.sockets.delete(socket));
      }
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  /** `host:port`. */
  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  shut(): void {
    this.open = false;
    for (const socket of this.sockets) socket.destroy();
  }

  reopen(): void {
    this.open = true;
  }

  async stop(): Promise<void> {
    this.shut();
    this.server.close();
    await once(this.server, 'close');
  }
}
