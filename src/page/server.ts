import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { listen } from '../http/listen.js';
import { isOwnHost } from './hosts.js';
import { CONTENT_SECURITY_POLICY, renderPage, type Page } from './layout.js';
import { listPage } from './list-page.js';
import { missingPage, troublePage } from './message-page.js';
import { routeOf } from './paths.js';
import { runPage } from './run-page.js';
import type { PageSource, RunView } from './source.js';

/** A page that is served. */
export interface PageServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

const HTML = 'text/html; charset=utf-8';

/** Of every answer: nothing is kept, framed, guessed or read by other sites. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** A report lies where others may write: whatever it is, it runs nothing and fetches nothing. */
const REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | AsyncIterable<Buffer>;
}

/**
 * Serves the page: to be read by whoever reaches it, never to change anything. Only asked for by a name of loopback or the one
 * in the address, by GET and HEAD.
 *
 * @param address `host:port`; port 0 takes a free one
 * @throws the error of the system where it cannot listen there
 */
export async function servePage(address: string, source: PageSource): Promise<PageServer> {
  const server = createServer((request, response) => {
    answerTo(request, address, source)
      .catch((error: unknown) => page(503, troublePage(source.explain(error))))
      .then((answer) => write(response, answer))
      // A report broke off, or its reader has left: the connection has been, too.
      .catch(() => undefined);
  });
  const { port, close } = await listen(server, address);
  return { url: `http://${address.replace(/:\d+$/, '')}:${port}`, close };
}

async function answerTo(
  { headers, method, url = '' }: IncomingMessage,
  address: string,
  source: PageSource,
): Promise<Answer> {
  if (!isOwnHost(headers.host, address)) {
    return text(403, 'The page is not known by this name: see `serve --help`, option --address.');
  }
  if (method !== 'GET' && method !== 'HEAD') return text(405, 'The page can only be read.', { allow: 'GET, HEAD' });
  const route = routeOf(url);
  if (!route) return page(404, missingPage('There is no such page.'));
  if (route.page === 'live') return text(200, 'ok');
  const { command } = source;
  if (route.page === 'list') return page(200, listPage(await source.overview(), command, Date.now()));
  const view = await source.run(route.run);
  if (!view) return page(404, missingPage('Temporal knows no such run, or has forgotten it.'));
  if (route.page === 'report') return report(view, source);
  const options = { command, hasReports: source.report !== undefined, now: Date.now() };
  return page(200, runPage(view, options));
}

/** Where a report lies is its run's to say: no request names an object. */
async function report({ outcome }: RunView, source: PageSource): Promise<Answer> {
  const destination = outcome?.status === 'completed' ? outcome.result.destination : undefined;
  const body = destination === undefined ? null : await source.report?.(destination);
  if (!body) return page(404, missingPage('There is no report of this run that can be read here.'));
  return { status: 200, headers: { 'content-type': HTML, 'content-security-policy': REPORT_POLICY }, body };
}

function page(status: number, content: Page): Answer {
  return { status, headers: { 'content-type': HTML }, body: renderPage(content, Date.now()) };
}

function text(status: number, line: string, headers: Answer['headers'] = {}): Answer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body: `${line}\n` };
}

async function write(response: ServerResponse, { status, headers, body }: Answer): Promise<void> {
  response.writeHead(status, { ...HEADERS, ...headers });
  await pipeline(typeof body === 'string' ? [body] : body, response);
}
