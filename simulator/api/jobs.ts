import type { IncomingMessage } from 'node:http';
import { ApiError, success } from '../answers.js';
import { FAULT_KINDS } from '../fault-kinds.js';
import type { Endpoint, FaultEffect } from '../faults.js';
import { columnsOf, shapeOf } from '../file-shape.js';
import type { Jobs } from '../jobs.js';
import type { FieldSet } from '../leads/field-set.js';
import type { Switches } from '../switches.js';
import { readCreate } from './create.js';

/** Body of a create at most: 1 MB, 10 being for Import Lead alone (Adobe: Error Codes). */
const MAX_BODY_BYTES = 1_000_000;

/** Who calls, and what of the instance a call about jobs depends on. */
export interface JobCall {
  readonly jobs: Jobs;
  readonly fields: FieldSet;
  readonly switches: Switches;
  /** Client id of the API user. */
  readonly owner: string;
}

/** Status, cancel and enqueue of a job. @throws ApiError as Bulk Extract documents it */
export function serveJob(
  { jobs, switches, owner }: JobCall,
  endpoint: Endpoint,
  exportId: string | undefined,
): Record<string, unknown> {
  const job = jobs.find(exportId, owner);
  if (!job) throw new ApiError(switches.unknownJob, `Export job ${exportId ?? ''} not found`);
  if (endpoint === 'status') return jobs.status(job);
  if (endpoint === 'cancel') {
    if (job.state === 'Completed' || job.state === 'Failed') throw new ApiError('1003', 'The job has ended already');
    jobs.cancel(job);
    return jobs.describe(job);
  }
  if (job.state === 'Queued' || job.state === 'Processing') throw new ApiError('1029', 'Job already queued');
  if (job.state !== 'Created') throw new ApiError('1003', `The job is ${job.state}`);
  if (jobs.quotaExceeded) throw quotaExceeded(jobs, switches);
  if (jobs.queueFull)
    throw new ApiError(
      '1029',
      switches.texts1029 === 'seen' ? 'Too many jobs (10) in queue' : 'Too many jobs in queue',
    );
  jobs.enqueue(job);
  return { ...jobs.describe(job), status: 'Queued' };
}

/** Creates a job; the effects that belong to one are put on it. @throws ApiError */
export async function createJob(
  { jobs, fields, switches, owner }: JobCall,
  request: IncomingMessage,
  effects: readonly FaultEffect[],
): Promise<object> {
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
    throw new ApiError('612', 'Invalid Content Type');
  const selection = readCreate(await readJson(request), fields, switches);
  if (jobs.quotaExceeded) throw quotaExceeded(jobs, switches);
  const days = (selection.endAt - selection.startAt) / 86_400_000;
  const ofJob = effects.filter(
    (effect) => FAULT_KINDS[effect.kind][0] === 'job' && !('longerThanDays' in effect && days <= effect.longerThanDays),
  );
  const shaped = { ...selection, fields: columnsOf(selection.fields, ofJob), shape: shapeOf(ofJob) };
  return jobs.describe(jobs.create(shaped, ofJob, owner));
}

function quotaExceeded({ dailyQuotaBytes }: Jobs, { texts1029 }: Switches): ApiError {
  const seen = `Export daily quota ${Math.round(dailyQuotaBytes / 1e6)}MB exceeded.`;
  return new ApiError('1029', texts1029 === 'seen' ? seen : 'Export daily quota exceeded');
}

/** The API user's jobs of the last 7 days, 300 a page (Adobe: Bulk Extract). */
export function listJobs({ jobs, owner }: JobCall, now: number, query: URLSearchParams): object {
  const batchSize = Number(query.get('batchSize') ?? 300);
  if (!(batchSize >= 1 && batchSize <= 300)) throw new ApiError('1003', 'Invalid batchSize');
  const wanted = query.getAll('status').flatMap((text) => text.toLowerCase().split(','));
  const since = now - 7 * 86_400_000;
  const listed = jobs.all.filter(
    (job) =>
      job.owner === owner &&
      job.state !== 'Removed' &&
      job.createdAt >= since &&
      (wanted.length === 0 || wanted.includes(job.state.toLowerCase())),
  );
  const start = Number(query.get('nextPageToken') ?? 0);
  const result = listed.slice(start, start + batchSize).map((job) => jobs.describe(job));
  if (result.length === 0) return success({});
  return success({ result, ...(start + batchSize < listed.length && { nextPageToken: String(start + batchSize) }) });
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
