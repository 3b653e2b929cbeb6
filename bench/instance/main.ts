// A Marketo instance that does nothing but answer: prepared files, no limits, a process of its own. Whatever a benchmark
// measures then is not the making of rows. For anything but speed there is the simulator.
import { createReadStream, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FIELDS } from '../../simulator/leads/fields.js';
import { INDEX, type PreparedFile } from '../files.js';

const { values, positionals } = parseArgs({
  options: {
    /** Milliseconds from enqueueing to the end of a job. */
    processing: { type: 'string', default: '0' },
    port: { type: 'string', default: '0' },
  },
  allowPositionals: true,
});
const processingMilliseconds = Number(values.processing);
const files = JSON.parse(readFileSync(join(positionals[0] ?? '.', INDEX), 'utf8')) as PreparedFile[];

interface Job {
  readonly createdAt: Date;
  file?: PreparedFile | undefined;
  enqueuedAt?: Date;
}

const jobs = new Map<string, Job>();
const calls: Record<string, number> = {};
let enqueued = 0;

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '', 'http://localhost');
  request.resume();
  answer(request, response, url.pathname.split('/').slice(1));
});
server.listen(Number(values.port), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`);
});
process.once('SIGTERM', () => process.exit(0));

function answer(request: IncomingMessage, response: ServerResponse, path: readonly string[]): void {
  const what = path.at(-1) ?? '';
  calls[what] = (calls[what] ?? 0) + 1;
  switch (what) {
    case 'token':
      send(response, { access_token: 'token', token_type: 'bearer', expires_in: 3600, scope: 'bench' });
      return;
    case 'folders.json':
      // Pages are read to the empty one.
      succeed(response, /[?&]offset=0\b/.test(request.url ?? '') ? [{ id: 1, createdAt: '2016-01-01T00:00:00Z' }] : []);
      return;
    case 'describe2.json':
      succeed(response, [
        { fields: FIELDS.filter(({ exportable }) => exportable).map(({ name, dataType }) => ({ name, dataType })) },
      ]);
      return;
    case 'create.json': {
      const exportId = `job-${jobs.size}`;
      jobs.set(exportId, { createdAt: new Date() });
      succeed(response, [describe(exportId)]);
      return;
    }
    case 'enqueue.json': {
      const job = jobs.get(path.at(-2) ?? '');
      // Files go to jobs in the order in which they are enqueued, over and over.
      if (job && !job.enqueuedAt)
        Object.assign(job, { enqueuedAt: new Date(), file: files[enqueued++ % files.length] });
      succeed(response, [describe(path.at(-2) ?? '')]);
      return;
    }
    case 'status.json':
    case 'cancel.json':
      succeed(response, [describe(path.at(-2) ?? '')]);
      return;
    case 'file.json':
      sendFile(request, response, path.at(-2) ?? '');
      return;
    case 'calls':
      send(response, calls);
      return;
    default:
      response.writeHead(404).end();
  }
}

function describe(exportId: string): object {
  const { createdAt, enqueuedAt, file } = jobs.get(exportId) ?? { createdAt: new Date() };
  const told = { exportId, format: 'CSV', createdAt: iso(createdAt) };
  if (!enqueuedAt || !file) return { ...told, status: 'Created' };
  const queued = { ...told, queuedAt: iso(enqueuedAt), startedAt: iso(enqueuedAt) };
  if (Date.now() - enqueuedAt.getTime() < processingMilliseconds) return { ...queued, status: 'Processing' };
  return {
    ...queued,
    status: 'Completed',
    finishedAt: iso(new Date(enqueuedAt.getTime() + processingMilliseconds)),
    numberOfRecords: file.records,
    fileSize: file.bytes,
    fileChecksum: `sha256:${file.sha256}`,
  };
}

/** A job's file; for benchmarks without jobs, `file-N` is the file of that number. */
function sendFile({ headers }: IncomingMessage, response: ServerResponse, exportId: string): void {
  const file = jobs.get(exportId)?.file ?? files[Number(exportId.replace('file-', ''))];
  if (!file) {
    response.writeHead(404).end();
    return;
  }
  const [, from] = /^bytes=(\d+)-$/.exec(headers.range ?? '') ?? [];
  const start = Number(from ?? 0);
  response.writeHead(from === undefined ? 200 : 206, {
    'content-type': 'text/csv',
    'content-length': file.bytes - start,
    ...(from !== undefined && { 'content-range': `bytes ${start}-${file.bytes - 1}/${file.bytes}` }),
  });
  createReadStream(file.path, { start, highWaterMark: 256 * 1024 }).pipe(response);
}

function succeed(response: ServerResponse, result: readonly unknown[]): void {
  send(response, { requestId: 'bench', success: true, result });
}

function send(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function iso(date: Date): string {
  return date.toISOString().replace(/\.\d{3}Z$/, 'Z');
}
