import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendFile } from './api/file.js';
import { folders } from './api/folders.js';
import { readCreate } from './api/create.js';
import { ApiError, failure, sendJson, sendText, success } from './answers.js';
import { CallLog } from './call-log.js';
import { SimulatedClock } from './clock.js';
import { control } from './control.js';
import { Faults, type Endpoint, type FaultEffect } from './faults.js';
import { ExportFiles } from './files.js';
import { Identity } from './identity.js';
import { describe, Jobs, type Job } from './jobs.js';
import { LeadCatalog } from './leads/catalog.js';
import { Limits } from './limits.js';
import { readOptions, type SimulatorOptions } from './options.js';

/** Body of a create at most (Adobe: Bulk Extract), and address of any call (Adobe: Error Codes): refused by HTTP status. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const MAX_URL_BYTES = 8 * 1024;

const ROUTES: readonly { endpoint: Endpoint; method: string; path: RegExp }[] = [
  { endpoint: 'folders', method: 'GET', path: /^\/rest\/asset\/v1\/folders\.json$/ },
  { endpoint: 'describe', method: 'GET', path: /^\/rest\/v1\/leads\/describe2\.json$/ },
  { endpoint: 'create', method: 'POST', path: /^\/bulk\/v1\/leads\/export\/create\.json$/ },
  { endpoint: 'list', method: 'GET', path: /^\/bulk\/v1\/leads\/export\.json$/ },
  { endpoint: 'enqueue', method: 'POST', path: /^\/bulk\/v1\/leads\/export\/([^/]+)\/enqueue\.json$/ },
  { endpoint: 'status', method: 'GET', path: /^\/bulk\/v1\/leads\/export\/([^/]+)\/status\.json$/ },
  { endpoint: 'cancel', method: 'POST', path: /^\/bulk\/v1\/leads\/export\/([^/]+)\/cancel\.json$/ },
  { endpoint: 'file', method: 'GET', path: /^\/bulk\/v1\/leads\/export\/([^/]+)\/file\.json$/ },
];

/** Effects that belong to a job and are put on when it is created. */
const OF_JOB = /^(?:job|unknownStatus|wrongRecordCount|noRecordCount|wrongChecksum|fileExpired)/;

/** A Marketo instance as Adobe's documentation has it, on a port of this machine. */
export class Simulator {
  readonly clock: SimulatedClock;
  readonly leads: LeadCatalog;
  readonly files: ExportFiles;
  readonly jobs: Jobs;
  readonly identity: Identity;
  readonly faults: Faults;
  readonly calls: CallLog;
  private readonly limits = new Limits();
  private readonly server: Server;
  private readonly timer: NodeJS.Timeout;

  private constructor(readonly options: SimulatorOptions) {
    this.clock = new SimulatedClock(options.speed, options.now);
    this.leads = new LeadCatalog(options);
    this.files = new ExportFiles(this.leads);
    this.jobs = new Jobs(this.clock, this.files, options);
    this.identity = new Identity(options, options.tokenLifeSeconds);
    this.faults = new Faults(options.seed);
    this.calls = new CallLog(this.clock, options.log);
    this.server = createServer((request, response) => {
      void this.answer(request, response);
    });
    this.timer = setInterval(() => {
      this.jobs.advance();
    }, 20);
  }

  /** Starts an instance; options that are left out have the defaults of the command line. */
  static async start(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
    const simulator = new Simulator(readOptions(options));
    const { port, host } = simulator.options;
    await new Promise<void>((resolve, reject) => {
      simulator.server.once('error', reject).listen(port, host, resolve);
    });
    return simulator;
  }

  /** Address without a slash at the end. */
  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return `http://${this.options.host}:${port}`;
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    const url = new URL(request.url ?? '/', 'http://simulator');
    if (url.pathname.startsWith('/simulator/')) {
      await control(this, request, response, url);
      return;
    }
    if (url.pathname === '/identity/oauth/token') {
      await this.metered('identity', request, response, url, undefined, () => {
        this.answerIdentity(url, response);
      });
      return;
    }
    const route = ROUTES.find(({ path }) => path.test(url.pathname));
    if (!route) {
      sendJson(response, failure('610', 'Requested resource not found'));
      return;
    }
    if ((request.url ?? '').length > MAX_URL_BYTES) {
      sendText(response, '', 414, 'text/html');
      return;
    }
    const exportId = route.path.exec(url.pathname)?.[1];
    await this.metered(route.endpoint, request, response, url, exportId, async (effects) => {
      if (url.searchParams.has('access_token')) this.calls.violation('a token in the query');
      if (request.method !== route.method)
        throw new ApiError('605', `HTTP Method not supported: ${request.method ?? ''}`);
      this.authorize(request);
      const limit = this.limits.enter();
      if (limit) throw new ApiError(limit.code, limit.message);
      try {
        await this.serve(route.endpoint, request, response, url, exportId, effects);
      } finally {
        this.limits.leave();
      }
    });
  }

  /** Lets faults strike, logs the call, and turns errors into answers. */
  private async metered(
    endpoint: Endpoint,
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    exportId: string | undefined,
    serve: (effects: readonly FaultEffect[]) => void | Promise<void>,
  ): Promise<void> {
    const call = this.calls.begin(endpoint, request, url, exportId);
    const effects = this.faults.strike(endpoint);
    const { done, answerLost } = this.applyBefore(effects, request, response);
    if (done) {
      call.end('fault');
      return;
    }
    try {
      await serve(effects);
      call.end('ok');
    } catch (error) {
      const code = error instanceof ApiError ? error.code : '611';
      call.end(code);
      if (!response.headersSent && !answerLost)
        sendJson(response, failure(code, error instanceof Error ? error.message : ''), code === '413' ? 413 : 200);
    }
    if (answerLost) request.socket.destroy();
  }

  /** Faults that take the place of the call, or change the instance before it. */
  private applyBefore(
    effects: readonly FaultEffect[],
    request: IncomingMessage,
    response: ServerResponse,
  ): { done: boolean; answerLost: boolean } {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'error':
          sendJson(response, failure(effect.code, effect.message));
          return { done: true, answerLost: false };
        case 'http':
          sendText(response, effect.body ?? '', effect.status, effect.contentType ?? 'text/html', effect.headers);
          return { done: true, answerLost: false };
        case 'reset':
          request.socket.destroy();
          return { done: true, answerLost: false };
        case 'hang':
          setTimeout(() => request.socket.destroy(), effect.seconds * 1000).unref();
          return { done: true, answerLost: false };
        case 'noResult':
          sendJson(response, success({}));
          return { done: true, answerLost: false };
        case 'expireToken':
          this.identity.expire();
          break;
        case 'dyingToken':
          this.identity.letDie(effect.secondsLeft);
          break;
        case 'quotaExceeded':
          this.jobs.exhaustQuota();
          break;
        case 'truncateBody':
          cutAnswer(response);
          break;
        default:
      }
    }
    const answerLost = effects.some(({ kind }) => kind === 'resetAfter');
    if (answerLost) response.end = (): ServerResponse => response;
    return { done: false, answerLost };
  }

  private answerIdentity(url: URL, response: ServerResponse): void {
    const { clientId, clientSecret } = this.identity.credentials;
    const query = url.searchParams;
    if (query.get('grant_type') !== 'client_credentials') {
      sendJson(response, { error: 'unsupported_grant_type', error_description: 'Unsupported grant type' }, 400);
    } else if (query.get('client_id') !== clientId) {
      sendJson(response, { error: 'invalid_client', error_description: 'No client with requested id' }, 401);
    } else if (query.get('client_secret') !== clientSecret) {
      sendJson(response, { error: 'unauthorized', error_description: 'Bad client credentials' }, 401);
    } else sendJson(response, this.identity.issue());
  }

  private authorize(request: IncomingMessage): void {
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) throw new ApiError('603', 'Access denied');
    const refused = this.identity.check(token);
    if (refused) throw new ApiError(refused.code, refused.message);
  }

  private async serve(
    endpoint: Endpoint,
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    exportId: string | undefined,
    effects: readonly FaultEffect[],
  ): Promise<void> {
    this.jobs.advance();
    switch (endpoint) {
      case 'folders':
        sendJson(response, folders(url.searchParams, this.leads.options));
        return;
      case 'describe':
        sendJson(response, success({ result: [describeLead(this.leads)] }));
        return;
      case 'create':
        sendJson(response, success({ result: [await this.create(request, effects)] }));
        return;
      case 'list':
        sendJson(response, this.list(url.searchParams));
        return;
      case 'file':
        await sendFile(
          request,
          response,
          exportId === undefined ? undefined : this.jobs.find(exportId),
          this.jobs,
          this.files,
          effects,
        );
        return;
      default:
        sendJson(response, success({ result: [this.serveJob(endpoint, this.jobNamed(exportId))] }));
    }
  }

  private serveJob(endpoint: Endpoint, job: Job): Record<string, unknown> {
    if (endpoint === 'status') {
      this.calls.statusCall(job);
      return this.jobs.status(job);
    }
    if (endpoint === 'cancel') {
      if (job.state === 'Completed' || job.state === 'Failed') throw new ApiError('1003', 'The job has ended already');
      this.jobs.cancel(job);
      return describe(job);
    }
    if (job.state === 'Queued' || job.state === 'Processing') throw new ApiError('1029', 'Job already queued');
    if (job.state !== 'Created') throw new ApiError('1003', `The job is ${job.state}`);
    if (this.jobs.quotaExceeded) throw new ApiError('1029', 'Export daily quota exceeded');
    if (this.jobs.queueFull) throw new ApiError('1029', 'Too many jobs in queue');
    this.jobs.enqueue(job);
    return { ...describe(job), status: 'Queued' };
  }

  private async create(request: IncomingMessage, effects: readonly FaultEffect[]): Promise<object> {
    if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
      throw new ApiError('612', 'Invalid Content Type');
    const selection = readCreate(await readJson(request), this.leads.fields);
    if (this.jobs.quotaExceeded) throw new ApiError('1029', 'Export daily quota exceeded');
    return describe(
      this.jobs.create(
        selection,
        effects.filter(({ kind }) => OF_JOB.test(kind)),
      ),
    );
  }

  /** The API user's jobs of the last 7 days, 300 a page (Adobe: Bulk Extract). */
  private list(query: URLSearchParams): object {
    const batchSize = Number(query.get('batchSize') ?? 300);
    if (!(batchSize >= 1 && batchSize <= 300)) throw new ApiError('1003', 'Invalid batchSize');
    const wanted = query.getAll('status').flatMap((text) => text.toLowerCase().split(','));
    const since = this.clock.now() - 7 * 86_400_000;
    const jobs = this.jobs.all.filter(
      ({ state, createdAt }) =>
        state !== 'Removed' && createdAt >= since && (wanted.length === 0 || wanted.includes(state.toLowerCase())),
    );
    const start = Number(query.get('nextPageToken') ?? 0);
    const result = jobs.slice(start, start + batchSize).map(describe);
    if (result.length === 0) return success({});
    return success({ result, ...(start + batchSize < jobs.length && { nextPageToken: String(start + batchSize) }) });
  }

  private jobNamed(exportId: string | undefined): Job {
    const job = exportId === undefined ? undefined : this.jobs.find(exportId);
    if (!job) throw new ApiError('1013', `Export job ${exportId ?? ''} not found`);
    return job;
  }
}

function describeLead({ fields }: LeadCatalog): object {
  return {
    name: 'API Lead',
    searchableFields: [['email'], ['id']],
    fields: fields.map(({ name, displayName, dataType, length }) => ({
      name,
      displayName,
      dataType,
      ...(length !== undefined && { length }),
      updateable: !['id', 'createdAt', 'updatedAt'].includes(name),
      crmManaged: false,
    })),
  };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new ApiError('413', 'Request Entity Too Large');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new ApiError('609', 'Invalid JSON');
  }
}

/** Lets only the first half of the answer out, without the length that would give it away. */
function cutAnswer(response: ServerResponse): void {
  const end = response.end.bind(response) as (body: string) => ServerResponse;
  const writeHead = response.writeHead.bind(response) as (status: number, headers: object) => ServerResponse;
  response.writeHead = ((status: number, headers: Record<string, string>) =>
    writeHead(status, { 'content-type': headers['content-type'] })) as typeof response.writeHead;
  response.end = ((body: string) => end(body.slice(0, body.length / 2))) as typeof response.end;
}
