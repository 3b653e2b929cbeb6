import type { S3Client } from '@aws-sdk/client-s3';
import type { CompletedJob, PlanRef, TransferOutcome } from '../../src/contract/activities.js';
import { windowsOf, type Window } from '../../src/contract/windows.js';
import type { MarketoClient } from '../../src/marketo/client.js';
import type { MergeContext } from '../../src/merge/merge-context.js';
import { commitPart } from '../../src/parts/commit-part.js';
import { outputNames, runNames, type OutputNames, type RunNames } from '../../src/parts/output-names.js';
import { writePlan, type PlanRecord } from '../../src/plan/plan-record.js';
import {
  abortUpload,
  findUploads,
  listUploadedParts,
  type MultipartUpload,
  type UploadedPart,
} from '../../src/storage/multipart-upload.js';
import { listKeys } from '../../src/storage/objects.js';
import { createObjectStore, type ObjectStore } from '../../src/storage/object-store.js';
import { newBucket, readObject } from '../helpers/s3.js';
import { ExportServer } from './export-server.js';
import { PLAIN_MERGE } from '../fixtures/merge.js';

const MEBIBYTE = 2 ** 20;
/** Size of the parts of an upload of a file that is not huge. */
export const PART_BYTES = 8 * MEBIBYTE;

/** A planned run over three windows in a bucket of its own, whose files are what a test says. */
export class Run {
  readonly marketo: MarketoClient;
  readonly warnings: string[] = [];
  readonly windows: readonly Window[];

  private constructor(
    readonly store: ObjectStore,
    readonly server: ExportServer,
    readonly output: OutputNames,
    readonly names: RunNames,
    readonly plan: PlanRecord,
    readonly ref: PlanRef,
  ) {
    this.marketo = server.client();
    this.windows = windowsOf(plan);
  }

  static async start(destinationKey = 'out/leads.csv', change: Partial<PlanRecord> = {}): Promise<Run> {
    const store = createObjectStore({ forcePathStyle: true });
    const destination = `s3://${await newBucket(store.client)}/${destinationKey}`;
    const output = outputNames(destination);
    const names = runNames(output, 'run');
    const server = await ExportServer.start();
    const plan: PlanRecord = {
      version: 2,
      workflowId: 'run',
      instance: server.client().instanceHost,
      mode: 'full',
      startAt: '2024-01-01T00:00:00Z',
      endAt: '2024-03-20T00:00:00Z',
      windowOverlapSeconds: 0,
      windowDays: 31,
      startAtSource: 'startAt',
      fields: ['id', 'email'],
      described: [],
      fieldsNamed: true,
      keepsBase: false,
      quoting: 'rfc4180',
      request: 'request',
      warnings: [],
      plannedAt: '2024-06-01T00:00:00.000Z',
      ...change,
    };
    const { ref } = await writePlan(store, { bucket: names.bucket, key: names.plan }, plan);
    return new Run(store, server, output, names, plan, ref);
  }

  get destination(): string {
    return this.output.destination;
  }

  get client(): S3Client {
    return this.store.client;
  }

  get bucket(): string {
    return this.names.bucket;
  }

  window(index: number): Window {
    const window = this.windows[index];
    if (!window) throw new Error(`There is no window ${index}`);
    return window;
  }

  /** Another plan in the same place, as a run that is started again with another request makes it. */
  async planAnew(change: Partial<PlanRecord> = { request: 'another request' }): Promise<PlanRef> {
    const location = { bucket: this.bucket, key: this.names.plan };
    return (await writePlan(this.store, location, { ...this.plan, ...change })).ref;
  }

  /** Brings a job's file to S3 and commits it. */
  commit(
    index: number,
    job: CompletedJob,
    { uploadId, plan = this.plan }: { uploadId?: string; plan?: PlanRecord } = {},
  ): Promise<TransferOutcome> {
    return commitPart({
      marketo: this.marketo,
      store: this.store,
      plan,
      window: this.window(index),
      job,
      run: this.names,
      signal: new AbortController().signal,
      uploadId,
      onProgress: () => undefined,
      onResume: () => undefined,
      onWarning: (message) => this.warnings.push(message),
    });
  }

  /** Commits a file in each window; `undefined` is a window without leads. */
  async commitAll(...files: readonly (Buffer | undefined)[]): Promise<void> {
    for (const index of this.windows.keys()) {
      const file = files[index];
      const job = file ? this.server.job(file) : this.server.job(Buffer.alloc(0), { records: 0 });
      const { outcome } = await this.commit(index, job);
      if (outcome !== 'verified') throw new Error('The file should be good');
    }
  }

  /** What a merge of this run works with. */
  mergeContext(options: Partial<MergeContext> = {}): MergeContext {
    return {
      store: this.store,
      output: this.output,
      run: this.names,
      plan: this.ref,
      destination: this.destination,
      ...PLAIN_MERGE,
      contentType: 'text/csv; charset=utf-8',
      workflowId: 'run',
      runId: 'run-run',
      signal: new AbortController().signal,
      onWarning: (message) => this.warnings.push(message),
      ...options,
    };
  }

  async keys(prefix = ''): Promise<string[]> {
    const keys: string[] = [];
    for await (const key of listKeys(this.store, this.bucket, prefix)) keys.push(key);
    return keys;
  }

  async openUploads(): Promise<string[]> {
    return (await findUploads(this.store, this.bucket, '')).map(({ key }) => key);
  }

  /** Parts in open uploads of a key. */
  async storedParts(key: string): Promise<UploadedPart[]> {
    const uploads = (await findUploads(this.store, this.bucket, key)).filter((upload) => upload.key === key);
    return (await Promise.all(uploads.map((upload) => listUploadedParts(this.store, upload)))).flat();
  }

  abort(upload: MultipartUpload): Promise<void> {
    return abortUpload(this.store, upload);
  }

  read(key: string): Promise<Buffer> {
    return readObject(this.client, this.bucket, key);
  }

  async stop(): Promise<void> {
    this.client.destroy();
    await this.server.stop();
  }
}

/** A file with these rows below its header. */
export function csv(rows: readonly string[], { header = 'id,email', lineEnd = '\n', last = true } = {}): Buffer {
  return Buffer.from([header, ...rows].join(lineEnd) + (last ? lineEnd : ''));
}

/** Rows with ids from one number on. */
export function rows(from: number, count: number, padding = ''): string[] {
  return Array.from({ length: count }, (_, index) => `${from + index},lead.${from + index}@example.com${padding}`);
}

/** A file of exactly so many bytes, its last row as long as it takes. */
export function csvOfBytes(bytes: number, options: { lineEnd?: string; last?: boolean } = {}): Buffer {
  const padding = 'x'.repeat(1000);
  const most = csv(rows(1, Math.floor(bytes / 1100), padding), options);
  const missing = bytes - most.length;
  const text = most.toString();
  const end = text.lastIndexOf('x') + 1;
  return Buffer.from(text.slice(0, end) + 'y'.repeat(missing) + text.slice(end));
}
