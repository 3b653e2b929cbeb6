import { z } from 'zod';
import { waitSchema } from './progress.js';

/** An id of an upload or a job; those of Amazon S3 have some 130 characters. */
const MAX_ID_CHARACTERS = 1000;

const count = z.int().min(0).catch(0);
/** Within what a date can be. */
const milliseconds = z.number().min(0).max(8.64e15).optional().catch(undefined);
const text = z.string().max(MAX_ID_CHARACTERS).optional().catch(undefined);

/** Each field by itself: one that is missing, old or odd costs no other. */
const schema = z.object({
  /** Transient failures in a row. */
  failures: count,
  /** When a row of failures that are only borne for a time began, in milliseconds since 1970. */
  failingSince: milliseconds,
  /** When a row of answers of a wrong shape began. */
  oddShapeSince: milliseconds,
  /** Errors in a row that nobody foresaw. */
  unexpectedErrors: count,
  /** Times that the queue was full; it backs off from where it was, whatever came between. */
  fullQueues: count,
  /** The wait as it was last told. */
  wait: waitSchema.optional().catch(undefined),

  /** `planExtract`: the job that checked the fields, and what an instance told of its oldest date. */
  checkJob: text,
  oldest: z
    .object({
      instance: z.string().max(MAX_ID_CHARACTERS),
      folderPages: z
        .object({ pages: count, offset: count, oldest: milliseconds, ended: z.boolean().catch(false) })
        .optional()
        .catch(undefined),
      leads: milliseconds,
    })
    .optional()
    .catch(undefined),
  /** `createJob`: the job, once it is made, and the creates whose answer was lost. */
  exportId: text,
  lostCreates: count,
  /** `enqueueJob`: whether the daily quota was waited for. */
  waitedForQuota: z.boolean().catch(false),
  /** `awaitJob`: the job's phase and the status calls in it, when the wait began, and since when the status is unknown or processing. */
  phase: z.enum(['queued', 'processing']).optional().catch(undefined),
  statusCalls: count,
  awaitingSince: milliseconds,
  processingSince: milliseconds,
  unknownSince: milliseconds,
  /** `transferFile`: the upload, and the bytes of it that S3 has without a gap. */
  uploadId: text,
  uploadedBytes: z.number().optional().catch(undefined),
});

/** What an attempt of an activity leaves to the next one. Holds nothing secret and nothing of a lead. */
export type HeartbeatDetails = z.infer<typeof schema>;

/** The details of whatever an earlier attempt, perhaps of another version, left: what cannot be read is not known. */
export function readHeartbeat(details: unknown): HeartbeatDetails {
  const read = schema.safeParse(details ?? {});
  return read.success ? read.data : schema.parse({});
}
