import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { PlanRef } from '../contract/activities.js';
import { getBytes, putBytes } from '../storage/objects.js';
import type { ObjectStore } from '../storage/object-store.js';

const date = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/);

const schema = z.object({
  version: z.literal(1),
  workflowId: z.string(),
  /** Host of the Marketo instance. */
  instance: z.string(),
  startAt: date,
  endAt: date,
  windowOverlapSeconds: z.int().min(0),
  fields: z.array(z.string()).min(1),
  /** SHA-256 of what was asked for: a run that asks for something else plans afresh. */
  request: z.string(),
  /** What was left out, and why. */
  warnings: z.array(z.string()),
  plannedAt: z.string(),
});

/** The range and the fields of a run, pinned once: jobs, parts and output of one run all follow the same plan. */
export type PlanRecord = Readonly<z.infer<typeof schema>>;

/** The plan is gone or not the one that was pinned. */
export class PlanLostError extends Error {
  override readonly name = 'PlanLostError';
}

/** The field list as one value: parts are only taken over or merged where it is the same, in the same order. */
export function fieldsSha256(fields: readonly string[]): string {
  return sha256(JSON.stringify(fields));
}

/** Writes a plan and returns what pins it. */
export async function writePlan(store: ObjectStore, bucket: string, key: string, plan: PlanRecord): Promise<PlanRef> {
  const bytes = Buffer.from(JSON.stringify(plan));
  await putBytes(store, { bucket, key }, bytes, { contentType: 'application/json' });
  return { bucket, key, sha256: sha256(bytes) };
}

/** The plan at a key with its reference, or `null` where there is none or none that can be read. */
export async function findPlan(
  store: ObjectStore,
  bucket: string,
  key: string,
): Promise<{ readonly record: PlanRecord; readonly ref: PlanRef } | null> {
  const bytes = await getBytes(store, { bucket, key });
  const record = bytes && parse(bytes);
  return record ? { record, ref: { bucket, key, sha256: sha256(bytes) } } : null;
}

/**
 * The pinned plan.
 *
 * @throws PlanLostError if it is gone or another one lies in its place
 */
export async function readPlan(store: ObjectStore, ref: PlanRef): Promise<PlanRecord> {
  const found = await findPlan(store, ref.bucket, ref.key);
  if (!found) throw new PlanLostError(`The run's plan s3://${ref.bucket}/${ref.key} is gone`);
  if (found.ref.sha256 !== ref.sha256) {
    throw new PlanLostError(`The plan s3://${ref.bucket}/${ref.key} is not the one that this run pinned`);
  }
  return found.record;
}

/** SHA-256 as 64 hex digits. */
export function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function parse(bytes: Buffer): PlanRecord | null {
  try {
    return schema.parse(JSON.parse(bytes.toString()));
  } catch {
    return null;
  }
}
