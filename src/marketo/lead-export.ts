import { z } from 'zod';
import type { JobTimes } from '../contract/activities.js';
import { defined } from '../contract/defined.js';
import type { Answer, MarketoClient } from './client.js';
import { MarketoError } from './marketo-errors.js';
import { pages, pageShape } from './pages.js';
import { optional, shownDate, shownText, wholeNumber } from './tolerant.js';

/** States of a job. `Unknown` is any that Marketo may add. Cancelled is spelled with one l or two (Adobe: Bulk Extract). */
export type ExportStatus = 'Created' | 'Queued' | 'Processing' | 'Completed' | 'Failed' | 'Cancelled' | 'Unknown';

/** A job as Marketo tells of it. Its own names for records, bytes and SHA-256 stand in the schema of its answer alone. */
export interface ExportJob extends JobTimes {
  readonly exportId: string;
  readonly status: ExportStatus;
  /** ISO 8601 in UTC. */
  readonly createdAt?: string;
  /** Absent where Marketo does not tell, which is not 0. */
  readonly records?: number;
  /** Size of the file. */
  readonly bytes?: number;
  /** SHA-256 of the file, 64 hex digits in lower case. */
  readonly sha256?: string;
  /** Why it failed. */
  readonly errorMsg?: string;
  readonly requestId?: string;
}

const STATUSES = new Map<string, ExportStatus>([
  ['created', 'Created'],
  ['queued', 'Queued'],
  ['processing', 'Processing'],
  ['completed', 'Completed'],
  ['failed', 'Failed'],
  ['cancelled', 'Cancelled'],
  ['canceled', 'Cancelled'],
]);

/** A UUID as far as seen. It becomes part of URLs and of names in S3. */
const EXPORT_ID = /^[A-Za-z0-9-]{1,64}$/;

/** SHA-256 in hex; Marketo writes the name of the algorithm before it (Adobe: Bulk Extract). */
const checksum = z
  .string()
  .regex(/^(?:sha-?256:)?[0-9a-f]{64}$/i)
  .transform((text) => text.slice(-64).toLowerCase());

/** What only informs is read as far as it can be; what the file is verified by must be right. */
const jobSchema = z.looseObject({
  exportId: z.string().regex(EXPORT_ID),
  status: z.string(),
  createdAt: shownDate,
  queuedAt: shownDate,
  startedAt: shownDate,
  finishedAt: shownDate,
  numberOfRecords: optional(wholeNumber),
  fileSize: optional(wholeNumber),
  fileChecksum: optional(checksum),
  // Spelled so in Adobe's release notes.
  fileCheckSum: optional(checksum),
  errorMsg: shownText,
});

const jobAnswer = z.object({ result: z.tuple([jobSchema], jobSchema) });
/** An empty list may come without a result. */
const listAnswer = z.object({ ...pageShape, result: z.array(jobSchema).nullish() });

/** What a range is about: creations, or the last change of any field, which is not the visible column `updatedAt` (Adobe: Bulk Lead Extract). */
export type RangeFilter = 'createdAt' | 'updatedAt';

/** A job that is to be made. */
export interface ExportRequest {
  readonly fields: readonly string[];
  /** @default createdAt */
  readonly filter?: RangeFilter;
  readonly startAt: string;
  readonly endAt: string;
}

/**
 * Creates a job over a closed range of times. It does nothing until it is enqueued.
 *
 * @param startAt, endAt ISO 8601 without fractions of a second, at most 31 days apart (Adobe: Bulk Lead Extract)
 * @throws MarketoError; its `invalidFields` are those that the instance does not export, its code is 1035 where the
 * subscription lacks the filter
 */
export async function createExportJob(
  client: MarketoClient,
  { fields, filter = 'createdAt', startAt, endAt }: ExportRequest,
  signal?: AbortSignal,
): Promise<ExportJob> {
  const json = { fields, format: 'CSV', filter: { [filter]: { startAt, endAt } } };
  const path = 'bulk/v1/leads/export/create.json';
  return jobOf(
    await client.call({ endpoint: 'create', method: 'POST', path, json, repeatable: false, signal }, jobAnswer),
  );
}

/**
 * Puts a job into the queue. One that is queued already is what was wanted.
 *
 * @throws MarketoError, of action `queueFull` or `waitForExportQuota` where there is no room
 */
export async function enqueueExportJob(client: MarketoClient, exportId: string, signal?: AbortSignal): Promise<void> {
  try {
    await client.call({ endpoint: 'enqueue', method: 'POST', path: jobPath(exportId, 'enqueue'), signal }, jobAnswer);
  } catch (error) {
    if (error instanceof MarketoError && error.action === 'alreadyQueued') return;
    throw goneIfNotFound(error);
  }
}

/** @throws MarketoError, of action `jobGone` for a job that Marketo does not know */
export async function exportJobStatus(
  client: MarketoClient,
  exportId: string,
  signal?: AbortSignal,
): Promise<ExportJob> {
  try {
    const call = { endpoint: 'status', method: 'GET', path: jobPath(exportId, 'status'), signal } as const;
    const job = jobOf(await client.call(call, jobAnswer));
    if (job.exportId === exportId) return job;
    throw MarketoError.unexpectedShape('status', 'the answer is about another job', job.requestId);
  } catch (error) {
    throw goneIfNotFound(error);
  }
}

/** Cancels a job, in whatever state. @throws MarketoError */
export async function cancelExportJob(client: MarketoClient, exportId: string, signal?: AbortSignal): Promise<void> {
  try {
    await client.call({ endpoint: 'cancel', method: 'POST', path: jobPath(exportId, 'cancel'), signal }, jobAnswer);
  } catch (error) {
    throw goneIfNotFound(error);
  }
}

/** The API user's own lead export jobs of the last 7 days, whatever their state. @throws MarketoError */
export async function listExportJobs(client: MarketoClient, signal?: AbortSignal): Promise<ExportJob[]> {
  const jobs: ExportJob[] = [];
  const path = 'bulk/v1/leads/export.json';
  const call = { endpoint: 'list', method: 'GET', path, query: { batchSize: 300 }, signal } as const;
  for await (const { result } of pages(client, call, listAnswer)) {
    jobs.push(...(result ?? []).map((job) => toJob(job, undefined)));
  }
  return jobs;
}

/** Path of what can be done with a job. @throws TypeError for what cannot be the id of one */
export function jobPath(exportId: string, what: 'enqueue' | 'status' | 'cancel' | 'file'): string {
  if (!EXPORT_ID.test(exportId)) throw new TypeError('An export id has 1 to 64 letters, digits and hyphens');
  return `bulk/v1/leads/export/${exportId}/${what}.json`;
}

/** 610 and 404 on a job's own path mean that the job is not known: which of these Marketo answers is not documented. */
export function goneIfNotFound(error: unknown): unknown {
  if (!(error instanceof MarketoError) || (error.code !== '610' && error.code !== 'HTTP 404')) return error;
  const { endpoint, requestId } = error;
  return new MarketoError('1013', {
    endpoint,
    requestId,
    detail: 'Marketo does not know the job, or has no file of it',
  });
}

function jobOf({ result, requestId }: Answer<typeof jobAnswer>): ExportJob {
  return toJob(result[0], requestId);
}

function toJob(job: z.infer<typeof jobSchema>, requestId: string | undefined): ExportJob {
  const { exportId, createdAt, queuedAt, startedAt, finishedAt, errorMsg } = job;
  return defined({
    exportId,
    status: STATUSES.get(job.status.toLowerCase()) ?? 'Unknown',
    records: job.numberOfRecords,
    bytes: job.fileSize,
    sha256: job.fileChecksum ?? job.fileCheckSum,
    createdAt,
    queuedAt,
    startedAt,
    finishedAt,
    errorMsg,
    requestId,
  });
}
