import { createServer } from 'node:http';
import { listen, type Listening } from '../http/listen.js';

/**
 * Answers `/live` with 200 as long as this process answers at all, and `/ready` with 200 while the worker can work, else with
 * 503 and what is wrong.
 *
 * @param address `host:port`; port 0 takes a free one
 * @param trouble what keeps the worker from its work, without anything secret; `undefined` where nothing does
 */
export async function serveHealth(address: string, trouble: () => string | undefined): Promise<Listening> {
  const server = createServer((request, response) => {
    const [status, text] = answerTo(request.url, trouble);
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
  });
  return listen(server, address);
}

function answerTo(path: string | undefined, trouble: () => string | undefined): [status: number, text: string] {
  if (path === '/live') return [200, 'ok'];
  if (path !== '/ready') return [404, 'There are /live and /ready.'];
  const wrong = trouble();
  return wrong === undefined ? [200, 'ok'] : [503, wrong];
}
