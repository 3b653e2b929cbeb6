import { z } from 'zod';
import { columnSchema } from './columns.js';
import { QUOTINGS } from './quoting.js';

const count = z.int().min(0);
const moment = z.iso.datetime();

/** 8 hex digits. */
const crc32 = z.string().regex(/^[0-9a-f]{8}$/);

/** 64 hex digits. */
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Marketo's times of a job, where it tells them: ISO 8601 in UTC. To be spread into the shape of what has a job. */
const jobTimes = {
  /** When it was put into the queue. */
  queuedAt: moment.exactOptional(),
  /** When its processing began. */
  startedAt: moment.exactOptional(),
  /** When its file was ready. */
  finishedAt: moment.exactOptional(),
};

const windowSchema = z
  .object({
    startAt: moment,
    endAt: moment,
    /** True for a window of changes, Marketo's filter `updatedAt`. */
    updated: z.literal(true).exactOptional(),
    /** Marketo's id of the job whose file was used. */
    exportId: z.string(),
    /** Records in the job's file, as Marketo and the scanner agree. */
    records: count,
    /** Rows of this window in the output. */
    leads: count,
    /** Rows left out: ids repeated within the file or already seen in an earlier window. */
    duplicates: count,
    /** Leads left out since they were deleted or merged away while the run went on. Absent for none. */
    gone: count.exactOptional(),
    /** Rows in the output that were quoted anew, since readers of RFC 4180 cannot read them as Marketo wrote them. */
    mended: count,
    /** Size of the job's file. */
    bytes: count,
    /** Marketo's `fileChecksum`, equal to that of the bytes received. Absent for a window without leads. */
    sha256: sha256.exactOptional(),
    /** CRC-32 of the part after its header. Absent for a window without leads. */
    bodyCrc32: crc32.exactOptional(),
    ...jobTimes,
    /** When the file had been transferred and verified. */
    verifiedAt: moment,
    /** True if the window was exported by an earlier, failed run of the same workflow id. */
    takenOver: z.boolean(),
  })
  .readonly();

/** What a full run found of the output that it went over. */
export const reconciledSchema = z
  .object({
    /** Leads that it had. */
    leads: count,
    /** Leads of its time that it did not have. */
    appeared: count,
    /** Leads that it had and the new one has not, without those that Marketo told to be gone while the run went on. */
    disappeared: count,
    fieldsAdded: z.array(z.string()).readonly(),
    fieldsRemoved: z.array(z.string()).readonly(),
    /** Fields whose values are read as another type now. */
    fieldsRetyped: z.array(z.string()).readonly(),
  })
  .readonly();

/** See {@link reconciledSchema}. */
export type Reconciled = z.infer<typeof reconciledSchema>;

/** `_<name>/manifest.json`: what is in the output and how that is known. Holds nothing of any lead. */
export const manifestSchema = z
  .object({
    version: z.literal(2),
    workflowId: z.string(),
    runId: z.string(),
    /** Host of the Marketo instance. */
    instance: z.string(),
    /** `s3://` URL of the output. */
    destination: z.string(),
    /** How rows are written that readers of RFC 4180 cannot read. */
    quoting: z.enum(QUOTINGS),
    startAt: moment,
    endAt: moment,
    /** What the run did: a `full` one exported every lead, an `update` what had changed since its base. */
    mode: z.enum(['full', 'update']),
    /** Why it was a full run although an update was asked for. */
    fullBecause: z.string().exactOptional(),
    /** Of an update: the output that was there before, as its manifest told of it. */
    base: z
      .object({ workflowId: z.string(), runId: z.string(), etag: z.string(), endAt: moment, leads: count })
      .readonly()
      .exactOptional(),
    /** Of an update: leads that the base did not have, leads of it that were exported anew, and leads of it that are gone. */
    changes: z.object({ created: count, updated: count, gone: count }).readonly().exactOptional(),
    /** Of an update that keeps them: URLs of the rows that are new or changed, and of the ids of leads that are gone. */
    keptChanges: z.object({ csv: z.string(), gone: z.string() }).readonly().exactOptional(),
    /** Of a full run over an output of the same instance and of a part of its range. */
    reconciled: reconciledSchema.exactOptional(),
    /** Up to when leads that were deleted or merged away are known and left out; the next update asks from here on. Absent where the API user may not read activities. */
    goneUntil: moment.exactOptional(),
    /** Seconds that neighbouring windows share. */
    windowOverlapSeconds: count,
    format: z.enum(['csv', 'gzip', 'parquet']),
    /** The columns as the files have them, in their order. */
    columns: z.array(columnSchema).readonly(),
    /** Leads in the output, each id once. */
    leads: count,
    /** Rows that were left out because their id had come before. */
    duplicates: count,
    /** Rows that were quoted anew. */
    mended: count,
    /**
     * Of Parquet: values that do not read as their column's type, by column. They are NULL there, and text in the column
     * `_uncast`. Only columns that have any.
     */
    uncast: z.record(z.string(), count).exactOptional(),
    /**
     * With `asIs`: rows have quotes that only another rule reads than the one that Marketo was seen to write by. Rows of different
     * rules cannot be found again in one object, so no update begins with it.
     */
    oddQuotes: z.literal(true).exactOptional(),
    /** Size of the output object, as it is compressed. */
    bytes: count,
    /** ETag of the output object. */
    etag: z.string(),
    /** Full-object CRC-32 of the output as S3 reports it; of CSV, as combined from the windows. */
    crc32,
    /** The ids of all leads in the output, as they lie in `_<name>/ids`. Absent where an earlier version wrote the output. */
    ids: z.object({ bytes: count, sha256, cardinality: count }).readonly().exactOptional(),
    /** The output as uncompressed CSV, `_<name>/base.csv`, where a next update needs it. */
    baseCsv: z.object({ bytes: count, etag: z.string(), crc32 }).readonly().exactOptional(),
    publishedAt: moment,
    /** Creates whose answer was lost: Marketo may hold a job for each that was never enqueued and takes no slot. */
    lostCreates: count,
    /** One sentence each, for people. */
    warnings: z.array(z.string()).readonly(),
    /** Oldest first. */
    windows: z.array(windowSchema).readonly(),
  })
  .readonly();

/** Evidence of one window in the manifest. */
export type ManifestWindow = z.infer<typeof windowSchema>;

/** See {@link manifestSchema}. */
export type Manifest = z.infer<typeof manifestSchema>;
