import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that listens. */
export interface Listening {
  readonly port: number;
  /** Ends it, with what is still connected. */
  readonly close: () => Promise<void>;
}

/**
 * Lets a server listen.
 *
 * @param address `host:port`; port 0 takes a free one
 * @throws the error of the system, such as `EADDRINUSE`
 */
export async function listen(server: Server, address: string): Promise<Listening> {
  const { hostname, port } = new URL(`http://${address}`);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(Number(port || 80), hostname.replace(/^\[|\]$/g, ''), resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
