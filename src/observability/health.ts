import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A running health endpoint. */
export interface HealthEndpoint {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Answers `/live` with 200 as long as this process answers at all, and `/ready` with 200 while the worker can work, else with
 * 503 and what is wrong.
 *
 * @param address `host:port`; port 0 takes a free one
 * @param trouble what keeps the worker from its work, without anything secret; `undefined` where nothing does
 */
export async function serveHealth(address: string, trouble: () => string | undefined): Promise<HealthEndpoint> {
  const server = createServer((request, response) => {
    const [status, text] = answerTo(request.url, trouble);
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
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

function answerTo(path: string | undefined, trouble: () => string | undefined): [status: number, text: string] {
  if (path === '/live') return [200, 'ok'];
  if (path !== '/ready') return [404, 'There are /live and /ready.'];
  const wrong = trouble();
  return wrong === undefined ? [200, 'ok'] : [503, wrong];
}
