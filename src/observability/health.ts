import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A running health endpoint. */
export interface HealthEndpoint {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Answers `/live` with 200 as long as this process answers at all, and `/ready` with 200 while the worker polls, else 503.
 *
 * @param address `host:port`; port 0 takes a free one
 */
export async function serveHealth(address: string, isReady: () => boolean): Promise<HealthEndpoint> {
  const server = createServer((request, response) => {
    const status = request.url === '/live' ? 200 : request.url === '/ready' ? (isReady() ? 200 : 503) : 404;
    response.writeHead(status, { 'content-type': 'text/plain' }).end(status === 200 ? 'ok\n' : 'no\n');
  });
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
