import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { answerIdentity } from './api/identity.js';
import { ApiError, failure, sendJson, sendText } from './answers.js';
import { applyFaults, closeAfter } from './apply-faults.js';
import { CallLog } from './call-log.js';
import { SimulatedClock } from './clock.js';
import { control } from './control.js';
import { Faults, type Endpoint, type FaultEffect } from './faults.js';
import { ExportFiles } from './files.js';
import { Identity } from './identity.js';
import { Jobs } from './jobs.js';
import { LeadCatalog } from './leads/catalog.js';
import { FieldSet } from './leads/field-set.js';
import { LivingLeads } from './leads/living-leads.js';
import { Limits } from './limits.js';
import { readOptions, type SimulatorOptions } from './options.js';
import { PagingTokens } from './paging-tokens.js';
import { ROUTES } from './routes.js';
import { serve } from './serve.js';
import { SWITCHES, type Switches } from './switches.js';

/** Address of a call at most (Adobe: Error Codes), and of one for assets (release notes of February 2020). */
const MAX_URL_BYTES = 8 * 1024;
const MAX_ASSET_URL_BYTES = 65 * 1024;
const MAX_HEADER_BYTES = 128 * 1024;

/**
 * A Marketo instance as Adobe's documentation has it, on a port of this machine. What it can do otherwise: options
 * (`options.ts`), switches (`switches.ts`) and faults (`fault-kinds.ts`); `npm run simulator -- --help` lists them all.
 */
export class Simulator {
  readonly clock: SimulatedClock;
  /** The leads that there are at first, and what became of them. */
  readonly leads: LeadCatalog;
  readonly living: LivingLeads;
  readonly files: ExportFiles;
  readonly pagingTokens: PagingTokens;
  readonly jobs: Jobs;
  readonly fields: FieldSet;
  /** The custom service, and with it that of the second API user if there is one. */
  readonly identity: Identity;
  readonly identities: readonly Identity[];
  readonly faults: Faults;
  readonly calls: CallLog;
  private readonly limits: Limits;
  private readonly used = new WeakSet<Socket>();
  private current: Switches;
  private readonly server: Server;
  private readonly timer: NodeJS.Timeout;

  private constructor(readonly options: SimulatorOptions) {
    this.clock = new SimulatedClock(options.speed, options.now);
    this.leads = new LeadCatalog(options);
    this.living = new LivingLeads(this.leads, options.changesPerDay, Math.floor(options.now / 1000) * 1000);
    this.files = new ExportFiles(this.living);
    this.pagingTokens = new PagingTokens(this.clock, () => this.current.pagingTokenSeconds);
    this.jobs = new Jobs(this.clock, this.files, options);
    this.current = options;
    this.clock.skewSeconds = options.clockSkewSeconds;
    this.fields = new FieldSet(this.leads.fields, () => this.current);
    this.limits = new Limits(this.clock, () => this.current.dailyCalls);
    this.identity = new Identity(options, options.tokenLifeSeconds);
    const { otherClientId: clientId, otherClientSecret: clientSecret } = options;
    const other = clientId === undefined || clientSecret === undefined ? [] : [{ clientId, clientSecret }];
    this.identities = [this.identity, ...other.map((service) => new Identity(service, options.tokenLifeSeconds))];
    this.faults = new Faults(options.seed);
    this.calls = new CallLog(this.clock, options.log);
    this.server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => {
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

  /** The switches as they are now. */
  get switches(): Switches {
    const names = Object.keys(SWITCHES) as (keyof Switches)[];
    return Object.fromEntries(names.map((name) => [name, this.current[name]])) as unknown as Switches;
  }

  /** Changes some of the switches from now on. */
  change(switches: Partial<Switches>): void {
    this.current = { ...this.current, ...switches };
    this.clock.skewSeconds = this.current.clockSkewSeconds;
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
    const { connections, clockSkewSeconds } = this.current;
    if (connections === 'stale' && this.used.has(request.socket)) {
      request.socket.resetAndDestroy();
      return;
    }
    this.used.add(request.socket);
    if (connections === 'closed') closeAfter(request, response);
    if (clockSkewSeconds !== 0)
      response.setHeader('date', new Date(Date.now() + clockSkewSeconds * 1000).toUTCString());
    if (url.pathname === '/identity/oauth/token') {
      await this.metered('identity', request, response, url, undefined, (effects) => {
        answerIdentity(this.identities, url.searchParams, effects, response);
      });
      return;
    }
    const route = ROUTES.find(({ path }) => path.test(url.pathname));
    if (!route) {
      sendJson(response, failure('610', 'Requested resource not found'));
      return;
    }
    if ((request.url ?? '').length > (route.endpoint === 'folders' ? MAX_ASSET_URL_BYTES : MAX_URL_BYTES)) {
      sendText(response, '', 414, 'text/html');
      return;
    }
    const exportId = route.path.exec(url.pathname)?.[1];
    await this.metered(route.endpoint, request, response, url, exportId, async (effects) => {
      if (url.searchParams.has('access_token')) this.calls.violation('a token in the query');
      if (request.method !== route.method)
        throw new ApiError('605', `HTTP Method not supported: ${request.method ?? ''}`);
      const owner = this.authorize(request);
      const limit = this.limits.enter();
      if (limit) throw new ApiError(limit.code, limit.message);
      try {
        const { endpoint } = route;
        await serve(this, { endpoint, query: url.searchParams, exportId, effects, owner }, request, response);
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
    const effects = this.faults.strike(endpoint).map((effect) => this.withToken(effect));
    const { done, answerLost } = await applyFaults(this, effects, request, response);
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
      const status = code === '404' || code === '413' ? Number(code) : 200;
      if (!response.headersSent && !answerLost)
        sendJson(response, failure(code, error instanceof Error ? error.message : ''), status);
    }
    if (answerLost) request.socket.destroy();
  }

  /** Client id of the API user that calls. @throws ApiError */
  private authorize(request: IncomingMessage): string {
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) throw new ApiError('603', 'Access denied');
    const identity = this.identities.find((candidate) => candidate.knows(token)) ?? this.identity;
    const refused = identity.check(token);
    if (refused) throw new ApiError(refused.code, refused.message);
    return identity.credentials.clientId;
  }

  /** A fault's message with the access token where it says `{token}`. */
  private withToken(effect: FaultEffect): FaultEffect {
    if (!('message' in effect) || !effect.message.includes('{token}')) return effect;
    return { ...effect, message: effect.message.replaceAll('{token}', this.identity.issue().access_token) };
  }
}
