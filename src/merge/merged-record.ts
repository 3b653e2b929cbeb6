import { z } from 'zod';
import { sha256 } from '../bytes/sha256.js';
import { IdSet } from '../csv/id-set.js';
import { commitSchema } from '../parts/commit-record.js';
import { readJson, writeJson } from '../storage/json-record.js';
import { getBytes, putBytes } from '../storage/objects.js';
import type { Merged } from './merge-all.js';
import { mergeMismatch, type MergeContext } from './merge-context.js';

const count = z.int().min(0);

const contribution = z.object({ record: commitSchema, leads: count, duplicates: count, gone: count, mended: count });

const schema = z.object({
  /** SHA-256 of the plan that was merged. */
  plan: z.string(),
  base: contribution.exactOptional(),
  contributions: z.array(contribution),
  changes: z.object({ created: count, updated: count, gone: count }).exactOptional(),
  idsSha256: z.string(),
});

/**
 * Keeps what an output is made of until it is accounted for. An update replaces its base: once the output is published, nobody
 * could find that out again.
 */
export async function writeMerged({ store, run, plan, signal }: MergeContext, merged: Merged): Promise<void> {
  const ids = merged.ids.serialize();
  await putBytes(store, { bucket: run.bucket, key: run.mergedIds }, ids, { signal });
  const { base, contributions, changes } = merged;
  const told = { plan: plan.sha256, base, contributions, changes, idsSha256: sha256(ids) };
  await writeJson(store, { bucket: run.bucket, key: run.merged }, told, { signal });
}

/**
 * What the published output of this plan was made of; whoever gets its ids disposes of them.
 *
 * @throws RunFailure `MergeMismatch` if it is gone or damaged
 */
export async function readMerged({ store, run, plan, signal }: MergeContext): Promise<Merged> {
  const found = (await readJson(store, { bucket: run.bucket, key: run.merged }, schema, signal))?.value;
  const bytes = await getBytes(store, { bucket: run.bucket, key: run.mergedIds }, { signal });
  if (!found || found.plan !== plan.sha256 || !bytes || sha256(bytes) !== found.idsSha256) {
    throw mergeMismatch(`The record of what was published under ${run.prefix} is gone`);
  }
  const withoutSources = <T>(one: T): T & { sources: [] } => ({ ...one, sources: [] });
  const { base, contributions, changes } = found;
  return {
    ...(base && { base: withoutSources(base) }),
    contributions: contributions.map(withoutSources),
    ...(changes && { changes }),
    ids: IdSet.deserialize(bytes),
  };
}
