import { z } from 'zod';
import type { MarketoClient } from './client.js';
import { parseMarketoDate } from './dates.js';
import { MarketoError } from './errors.js';

/** States of a job. `Unknown` is any that Marketo may add. Cancelled is spelled with one l or two (Adobe: Bulk Extract). */
export type ExportStatus = 'Created' | 'Queued' | 'Processing' | 'Completed' | 'Failed' | 'Cancelled' | 'Unknown';

export interface ExportJob {
  readonly exportId: string;
  readonly status: ExportStatus;
  readonly createdAt?: Date;
  readonly queuedAt?: Date;
  readonly startedAt?: Date;
  readonly finishedAt?: Date;
  /** Absent where Marketo does not tell, which is not 0. */
  readonly numberOfRecords?: number;
  /** Bytes. */
  readonly fileSize?: number;
  /** SHA-256, 64 hex digits in lower case. */
  readonly fileChecksum?: string;
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

/** Absent keys and nulls mean the same: the documents say null, the answers leave them out. */
const optional = <T extends z.ZodType>(type: T): z.ZodType<z.output<T> | undefined> =>
  type.nullish().transform((value) => value ?? undefined);

const date = z.string().transform((text, context) => {
  try {
    return new Date(parseMarketoDate(text));
  } catch {
    context.addIssue({ code: 'custom', message: 'no date' });
    return z.NEVER;
  }
});

const jobSchema = z.looseObject({
  // It becomes part of URLs and of names in S3.
  exportId: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
  status: z.string(),
  createdAt: optional(date),
  queuedAt: optional(date),
  startedAt: optional(date),
  finishedAt: optional(date),
  numberOfRecords: optional(z.int().min(0)),
  fileSize: optional(z.int().min(0)),
  fileChecksum: optional(z.string().regex(/^sha256:[0-9a-f]{64}$/i)),
  errorMsg: optional(z.string()),
});

const jobAnswer = z.object({ result: z.tuple([jobSchema], jobSchema) });
const listAnswer = z.object({ result: z.array(jobSchema).default([]), nextPageToken: z.string().optional() });

/**
 * Creates a job over a closed range of creation times. It does nothing until it is enqueued.
 *
 * @param startAt, endAt ISO 8601 without fractions of a second, at most 31 days apart (Adobe: Bulk Lead Extract)
 * @throws MarketoError; its `invalidFields` are those that the instance does not export
 */
export async function createExportJob(
  client: MarketoClient,
  { fields, startAt, endAt }: { readonly fields: readonly string[]; readonly startAt: string; readonly endAt: string },
  signal?: AbortSignal,
): Promise<ExportJob> {
  const json = { fields, format: 'CSV', filter: { createdAt: { startAt, endAt } } };
  const path = 'bulk/v1/leads/export/create.json';
  return jobOf(await client.call({ endpoint: 'create', method: 'POST', path, json, signal }, jobAnswer));
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
    throwUnless(error, 'alreadyQueued', 'enqueue');
  }
}

/** @throws MarketoError, of action `jobGone` for a job that Marketo does not know */
export async function exportJobStatus(
  client: MarketoClient,
  exportId: string,
  signal?: AbortSignal,
): Promise<ExportJob> {
  try {
    return jobOf(
      await client.call({ endpoint: 'status', method: 'GET', path: jobPath(exportId, 'status'), signal }, jobAnswer),
    );
  } catch (error) {
    throw goneIfNotFound(error, 'status');
  }
}

/** Cancels a job, in whatever state. @throws MarketoError */
export async function cancelExportJob(client: MarketoClient, exportId: string, signal?: AbortSignal): Promise<void> {
  try {
    await client.call({ endpoint: 'cancel', method: 'POST', path: jobPath(exportId, 'cancel'), signal }, jobAnswer);
  } catch (error) {
    throw goneIfNotFound(error, 'cancel');
  }
}

/** The API user's own lead export jobs of the last 7 days, whatever their state. @throws MarketoError */
export async function listExportJobs(client: MarketoClient, signal?: AbortSignal): Promise<ExportJob[]> {
  const jobs: ExportJob[] = [];
  let nextPageToken: string | undefined;
  do {
    const query = nextPageToken === undefined ? { batchSize: 300 } : { batchSize: 300, nextPageToken };
    const page: z.infer<typeof listAnswer> = await client.call(
      { endpoint: 'list', method: 'GET', path: 'bulk/v1/leads/export.json', query, signal },
      listAnswer,
    );
    jobs.push(...page.result.map((job) => toJob(job, undefined)));
    nextPageToken = page.nextPageToken;
  } while (nextPageToken !== undefined);
  return jobs;
}

function jobPath(exportId: string, what: string): string {
  return `bulk/v1/leads/export/${encodeURIComponent(exportId)}/${what}.json`;
}

function jobOf({ result, requestId }: z.infer<typeof jobAnswer> & { readonly requestId?: string }): ExportJob {
  return toJob(result[0], requestId);
}

function toJob(job: z.infer<typeof jobSchema>, requestId: string | undefined): ExportJob {
  const { createdAt, queuedAt, startedAt, finishedAt, numberOfRecords, fileSize, fileChecksum, errorMsg } = job;
  return {
    exportId: job.exportId,
    status: STATUSES.get(job.status.toLowerCase()) ?? 'Unknown',
    ...(createdAt && { createdAt }),
    ...(queuedAt && { queuedAt }),
    ...(startedAt && { startedAt }),
    ...(finishedAt && { finishedAt }),
    ...(numberOfRecords !== undefined && { numberOfRecords }),
    ...(fileSize !== undefined && { fileSize }),
    ...(fileChecksum !== undefined && { fileChecksum: fileChecksum.slice('sha256:'.length).toLowerCase() }),
    ...(errorMsg !== undefined && { errorMsg }),
    ...(requestId !== undefined && { requestId }),
  };
}

/** 610 and 404 on a job's own path mean that the job is not known: which of these Marketo answers is not documented. */
function goneIfNotFound(error: unknown, endpoint: string): unknown {
  if (!(error instanceof MarketoError) || (error.code !== '610' && error.code !== 'HTTP 404')) return error;
  return new MarketoError('1013', { endpoint, requestId: error.requestId, detail: 'Marketo does not know the job' });
}

function throwUnless(error: unknown, action: MarketoError['action'], endpoint: string): void {
  if (!(error instanceof MarketoError) || error.action !== action) throw goneIfNotFound(error, endpoint);
}
