import type { IncomingMessage } from 'node:http';
import { ApiError, success } from '../answers.js';
import type { Endpoint, FaultEffect } from '../faults.js';
import { describe, type Job, type Jobs } from '../jobs.js';
import type { FieldDefinition } from '../leads/fields.js';
import { readCreate } from './create.js';

/** Body of a create at most (Adobe: Bulk Extract), and address of any call (Adobe: Error Codes): refused by HTTP status. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
/** Effects that belong to a job and are put on when it is created. */
const OF_JOB = /^(?:job|unknownStatus|wrongRecordCount|noRecordCount|wrongChecksum|fileExpired)/;

/** Status, cancel and enqueue of a job. @throws ApiError as Bulk Extract documents it */
export function serveJob(jobs: Jobs, endpoint: Endpoint, exportId: string | undefined): Record<string, unknown> {
  const job = jobNamed(jobs, exportId);
  if (endpoint === 'status') return jobs.status(job);
  if (endpoint === 'cancel') {
    if (job.state === 'Completed' || job.state === 'Failed') throw new ApiError('1003', 'The job has ended already');
    jobs.cancel(job);
    return describe(job);
  }
  if (job.state === 'Queued' || job.state === 'Processing') throw new ApiError('1029', 'Job already queued');
  if (job.state !== 'Created') throw new ApiError('1003', `The job is ${job.state}`);
  if (jobs.quotaExceeded) throw new ApiError('1029', 'Export daily quota exceeded');
  if (jobs.queueFull) throw new ApiError('1029', 'Too many jobs in queue');
  jobs.enqueue(job);
  return { ...describe(job), status: 'Queued' };
}

/** Creates a job; the effects that belong to one are put on it. @throws ApiError */
export async function createJob(
  jobs: Jobs,
  fields: readonly FieldDefinition[],
  request: IncomingMessage,
  effects: readonly FaultEffect[],
): Promise<object> {
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
    throw new ApiError('612', 'Invalid Content Type');
  const selection = readCreate(await readJson(request), fields);
  if (jobs.quotaExceeded) throw new ApiError('1029', 'Export daily quota exceeded');
  return describe(
    jobs.create(
      selection,
      effects.filter(({ kind }) => OF_JOB.test(kind)),
    ),
  );
}

/** The API user's jobs of the last 7 days, 300 a page (Adobe: Bulk Extract). */
export function listJobs(jobs: Jobs, now: number, query: URLSearchParams): object {
  const batchSize = Number(query.get('batchSize') ?? 300);
  if (!(batchSize >= 1 && batchSize <= 300)) throw new ApiError('1003', 'Invalid batchSize');
  const wanted = query.getAll('status').flatMap((text) => text.toLowerCase().split(','));
  const since = now - 7 * 86_400_000;
  const listed = jobs.all.filter(
    ({ state, createdAt }) =>
      state !== 'Removed' && createdAt >= since && (wanted.length === 0 || wanted.includes(state.toLowerCase())),
  );
  const start = Number(query.get('nextPageToken') ?? 0);
  const result = listed.slice(start, start + batchSize).map(describe);
  if (result.length === 0) return success({});
  return success({ result, ...(start + batchSize < listed.length && { nextPageToken: String(start + batchSize) }) });
}

function jobNamed(jobs: Jobs, exportId: string | undefined): Job {
  const job = exportId === undefined ? undefined : jobs.find(exportId);
  if (!job) throw new ApiError('1013', `Export job ${exportId ?? ''} not found`);
  return job;
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
