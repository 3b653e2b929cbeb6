import { z } from 'zod';
import { sha256 } from '../bytes/sha256.js';
import type { PlanRef } from '../contract/activities.js';
import { fieldSchema } from '../contract/columns.js';
import { formatSeconds, UTC_SECONDS } from '../contract/dates.js';
import { RunFailure } from '../contract/failures.js';
import { QUOTINGS } from '../contract/quoting.js';
import { readJson, writeJson, type JsonRecord } from '../storage/json-record.js';
import type { ObjectStore } from '../storage/object-store.js';
import type { ObjectLocation } from '../storage/s3-url.js';

const date = z.string().regex(UTC_SECONDS);

const baseSchema = z.object({
  workflowId: z.string(),
  runId: z.string(),
  /** ETags of the object and of its manifest: another one is no base. */
  etag: z.string(),
  manifestEtag: z.string(),
  /** The range that it covers. */
  startAt: date,
  endAt: date,
  leads: z.int().min(0),
  /** Up to when leads are known that were deleted or merged away. */
  goneUntil: z.iso.datetime(),
});

const schema = z.object({
  version: z.literal(2),
  workflowId: z.string(),
  /** Host of the Marketo instance. */
  instance: z.string(),
  /** `update` exports what has changed since its base. */
  mode: z.enum(['full', 'update']),
  /** Why it is a full run although an update was asked for. */
  fullBecause: z.string().exactOptional(),
  /** The output that an update begins with. */
  base: baseSchema.exactOptional(),
  /** What is exported: all leads of the range, or those that changed in it. */
  startAt: date,
  endAt: date,
  /** Where windows of changes end, in an update. */
  updatedUntil: date.exactOptional(),
  /** How the beginning is known, for people. */
  startAtSource: z.string(),
  windowOverlapSeconds: z.int().min(0),
  windowDays: z.int().min(1),
  /** REST names in the order of the columns, `id` first. */
  fields: z.array(z.string()).min(1),
  /** What Describe tells of them; those that it does not list are not here. */
  described: z.array(fieldSchema).readonly(),
  /** True if the user named them: then none may be missing from a file. */
  fieldsNamed: z.boolean(),
  /** Whether the merged CSV is kept for the next update: one was asked for, or there is one beside the output already. */
  keepsBase: z.boolean(),
  /** How the output is written. A run that asks for it another way takes the parts over all the same. */
  quoting: z.enum(QUOTINGS),
  /** SHA-256 of what was asked for: a run that asks for something else plans afresh. */
  request: z.string(),
  /** What was left out, and why. */
  warnings: z.array(z.string()),
  plannedAt: z.string(),
});

/** The range, the fields and the quoting of a run, pinned once: jobs, parts and output of one run all follow the same plan. */
export type PlanRecord = Readonly<z.infer<typeof schema>>;

/** An output that an update begins with, as a plan pins it. */
export type BaseRecord = NonNullable<PlanRecord['base']>;

/** From when on a run must know of leads that were deleted or merged away, in whole seconds: Marketo takes no other. */
export function goneSince({ base, plannedAt }: PlanRecord): string {
  return base?.goneUntil ?? formatSeconds(Math.floor(Date.parse(plannedAt) / 1000));
}

/** A plan in S3, with what pins it. */
export interface PinnedPlan {
  readonly record: PlanRecord;
  readonly ref: PlanRef;
}

/** The field list as one value: parts are only taken over or merged where it is the same, in the same order. */
export function fieldsSha256(fields: readonly string[]): string {
  return sha256(JSON.stringify(fields));
}

/** Writes a plan and returns it with what pins it. */
export async function writePlan(store: ObjectStore, location: ObjectLocation, plan: PlanRecord): Promise<PinnedPlan> {
  return pinned(location, await writeJson(store, location, plan));
}

/** The plan at a location, or `null` where there is none or none that can be read. */
export async function findPlan(
  store: ObjectStore,
  location: ObjectLocation,
  signal?: AbortSignal,
): Promise<PinnedPlan | null> {
  const found = await readJson(store, location, schema, signal);
  return found && pinned(location, found);
}

/**
 * The pinned plan.
 *
 * @throws RunFailure `PlanLost` if it is gone or another one lies in its place
 */
export async function readPlan(store: ObjectStore, ref: PlanRef): Promise<PlanRecord> {
  const found = await findPlan(store, ref);
  if (!found) throw new RunFailure('PlanLost', `The run's plan s3://${ref.bucket}/${ref.key} is gone`);
  if (found.ref.sha256 === ref.sha256) return found.record;
  throw new RunFailure('PlanLost', `The plan s3://${ref.bucket}/${ref.key} is not the one that this run pinned`);
}

function pinned({ bucket, key }: ObjectLocation, { value, sha256: sum }: JsonRecord<PlanRecord>): PinnedPlan {
  return { record: value, ref: { bucket, key, sha256: sum, instance: value.instance } };
}
