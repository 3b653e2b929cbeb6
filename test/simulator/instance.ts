import { setTimeout as sleep } from 'node:timers/promises';
import { Simulator } from '../../simulator/simulator.js';
import type { Job } from '../../simulator/jobs.js';
import type { SimulatorOptions } from '../../simulator/options.js';

/** An answer of the API, in a 200 unless a test looks at the status. */
export interface Answer {
  readonly success?: boolean;
  readonly errors?: readonly { readonly code: string; readonly message: string }[];
  readonly warnings?: readonly unknown[];
  readonly result?: readonly Readonly<Record<string, unknown>>[];
  readonly nextPageToken?: string;
  readonly moreResult?: boolean;
}

export const FROM = Date.parse('2024-01-01T00:00:00Z');
export const DAY = 86_400_000;

const BULK = '/bulk/v1/leads/export';

/** The January of the instance: its first block of 31 days. */
export const JANUARY = { startAt: '2024-01-01T00:00:00Z', endAt: '2024-01-31T23:59:59Z' };

export const CREATE = {
  fields: ['id', 'email', 'createdAt'],
  format: 'CSV',
  filter: { createdAt: JANUARY },
};

/** A simulated instance whose clock stands still but for jumps, and a client that does nothing by itself. */
export class Instance {
  private constructor(
    readonly simulator: Simulator,
    private readonly token: string,
  ) {}

  static async start(options: Partial<SimulatorOptions> = {}): Promise<Instance> {
    const simulator = await Simulator.start({
      speed: 0,
      now: FROM + 300 * DAY,
      from: FROM,
      until: FROM + 200 * DAY,
      leads: 500,
      processingSeconds: [60, 60],
      ...options,
    });
    return new Instance(simulator, simulator.identity.issue().access_token);
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (!headers.has('authorization')) headers.set('authorization', `Bearer ${this.token}`);
    return fetch(`${this.simulator.url}${path}`, { ...init, headers });
  }

  async get(path: string): Promise<Answer> {
    return (await (await this.fetch(path)).json()) as Answer;
  }

  async post(path: string): Promise<Answer> {
    return (await (await this.fetch(path, { method: 'POST' })).json()) as Answer;
  }

  async create(body: unknown = CREATE): Promise<Answer> {
    const init = {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    };
    return (await (await this.fetch(`${BULK}/create.json`, init)).json()) as Answer;
  }

  async created(body: unknown = CREATE): Promise<string> {
    const exportId = (await this.create(body)).result?.[0]?.['exportId'];
    if (typeof exportId !== 'string') throw new Error('No job was created');
    return exportId;
  }

  enqueue(exportId: string): Promise<Answer> {
    return this.post(`${BULK}/${exportId}/enqueue.json`);
  }

  cancel(exportId: string): Promise<Answer> {
    return this.post(`${BULK}/${exportId}/cancel.json`);
  }

  async status(exportId: string): Promise<Readonly<Record<string, unknown>>> {
    return (await this.get(`${BULK}/${exportId}/status.json`)).result?.[0] ?? {};
  }

  list(query = ''): Promise<Answer> {
    return this.get(`${BULK}.json${query}`);
  }

  file(exportId: string, range?: string): Promise<Response> {
    return this.fetch(`${BULK}/${exportId}/file.json`, range === undefined ? {} : { headers: { range } });
  }

  jump(seconds: number): void {
    this.simulator.clock.jump(seconds * 1000);
    this.simulator.jobs.advance();
  }

  job(exportId: string): Job {
    const job = this.simulator.jobs.all.find((candidate) => candidate.exportId === exportId);
    if (!job) throw new Error(`There is no job ${exportId}`);
    return job;
  }

  /** Lets a job that is running end: time passes, and its file is made meanwhile. */
  async run(exportId: string): Promise<Job> {
    const job = this.job(exportId);
    for (let turn = 0; !job.facts && turn < 1000; turn++) await sleep(5);
    this.jump(61);
    return job;
  }

  /** A job that is completed, and a status that says so. */
  async completed(body: unknown = CREATE): Promise<string> {
    const exportId = await this.created(body);
    await this.enqueue(exportId);
    await this.run(exportId);
    return exportId;
  }

  close(): Promise<void> {
    return this.simulator.close();
  }
}

/** The error of a refusal as `code message`. */
export function errorOf({ success, errors }: Answer): string | undefined {
  const error = errors?.[0];
  return success === false && error ? `${error.code} ${error.message}` : undefined;
}

/** Runs a test with an instance of its own. */
export async function withInstance(
  options: Partial<SimulatorOptions>,
  body: (instance: Instance) => Promise<void>,
): Promise<void> {
  const instance = await Instance.start(options);
  try {
    await body(instance);
  } finally {
    await instance.close();
  }
}
