import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendFile } from './api/file.js';
import { describeLead } from './api/describe-lead.js';
import { folders } from './api/folders.js';
import { answerIdentity } from './api/identity.js';
import { createJob, listJobs, serveJob } from './api/jobs.js';
import { ApiError, failure, sendJson, sendText, success } from './answers.js';
import { applyFaults } from './apply-faults.js';
import { CallLog } from './call-log.js';
import { SimulatedClock } from './clock.js';
import { control } from './control.js';
import { Faults, type Endpoint, type FaultEffect } from './faults.js';
import { ExportFiles } from './files.js';
import { Identity } from './identity.js';
import { Jobs } from './jobs.js';
import { LeadCatalog } from './leads/catalog.js';
import { Limits } from './limits.js';
import { readOptions, type SimulatorOptions } from './options.js';

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
        answerIdentity(this.identity, url.searchParams, response);
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
    const { done, answerLost } = applyFaults(this, effects, request, response);
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
        sendJson(response, success({ result: [await createJob(this.jobs, this.leads.fields, request, effects)] }));
        return;
      case 'list':
        sendJson(response, listJobs(this.jobs, this.clock.now(), url.searchParams));
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
        if (endpoint === 'status') this.calls.statusCall(exportId === undefined ? undefined : this.jobs.find(exportId));
        sendJson(response, success({ result: [serveJob(this.jobs, endpoint, exportId)] }));
    }
  }
}
