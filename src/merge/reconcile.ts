import { z } from 'zod';
import type { Column } from '../contract/columns.js';
import { reconciledSchema, type Manifest, type Reconciled } from '../contract/manifest.js';
import type { IdSet } from '../csv/id-set.js';
import type { CommitRecord } from '../parts/commit-record.js';
import type { PlanRecord } from '../plan/plan-record.js';
import { readJson, writeJson } from '../storage/json-record.js';
import { headObject } from '../storage/objects.js';
import { count, plural } from '../text/format.js';
import type { Gone } from './gone-record.js';
import { readManifest } from './manifest-file.js';
import type { MergeContext } from './merge-context.js';
import { readOutputIds } from './output-ids.js';

/** Of so many leads that an output had, more than one that appeared or disappeared is worth a warning. */
const ONE_IN = 100;

/** What of a column is compared. */
type NamedType = Pick<Column, 'name' | 'type'>;

/** An output that a full run goes over. */
export interface Before {
  readonly manifest: Manifest;
  readonly ids: IdSet;
}

const schema = z.object({
  /** SHA-256 of the plan that was merged. */
  plan: z.string(),
  reconciled: reconciledSchema,
});

/**
 * The output that lies at the destination of a full run, if all of its leads must be in the new one: it is of the same instance,
 * and its range lies within the run's. Whoever gets its ids disposes of them.
 */
export async function readBefore(context: MergeContext, plan: PlanRecord): Promise<Before | undefined> {
  const { store, output, accountEtags, destinationEtag, signal } = context;
  if (accountEtags.manifest === null || destinationEtag === null) return undefined;
  const head = await headObject(store, output.manifest, signal);
  const manifest = await readManifest(store, output, signal);
  if (!manifest || head?.etag !== accountEtags.manifest || manifest.etag !== destinationEtag) return undefined;
  const within = manifest.startAt >= plan.startAt && manifest.endAt <= plan.endAt;
  if (manifest.instance !== plan.instance || !within) return undefined;
  const ids = await readOutputIds(store, output, manifest, signal);
  return ids && { manifest, ids };
}

/** The windows that end before the earlier output did, and the others: what is new in the former was missing before. */
export function splitAt(
  before: Before | undefined,
  records: readonly CommitRecord[],
): readonly [older: readonly CommitRecord[], newer: readonly CommitRecord[]] {
  const older = records.filter(({ endAt }) => before !== undefined && endAt <= before.manifest.endAt);
  return [older, records.slice(older.length)];
}

/** Leads that are known now and were not. @param older ids of the windows that the earlier output covered */
export function appearedIn(older: IdSet, { ids }: Before): number {
  return older.cardinality - older.intersectionCardinality(ids);
}

/** What a full run found of the earlier output. @param ids of all leads of the new one */
export function reconcile(
  before: Before,
  appeared: number,
  ids: IdSet,
  gone: Gone | undefined,
  columns: readonly NamedType[],
): Reconciled {
  const kept = before.ids.intersectionCardinality(ids) + (gone ? before.ids.intersectionCardinality(gone.ids) : 0);
  return {
    leads: before.ids.cardinality,
    appeared,
    disappeared: before.ids.cardinality - kept,
    ...fieldChanges(before.manifest.columns, columns),
  };
}

function fieldChanges(
  before: readonly NamedType[],
  after: readonly NamedType[],
): Omit<Reconciled, 'leads' | 'appeared' | 'disappeared'> {
  const [old, now] = [before, after].map((columns) => new Map(columns.map(({ name, type }) => [name, type])));
  const names = (of: readonly NamedType[]): string[] => of.map(({ name }) => name);
  return {
    fieldsAdded: names(after.filter(({ name }) => old?.has(name) === false)),
    fieldsRemoved: names(before.filter(({ name }) => now?.has(name) === false)),
    fieldsRetyped: names(after.filter(({ name, type }) => (old?.get(name) ?? type) !== type)),
  };
}

/** Sentences for people on what is more than the run of things. */
export function reconciledWarnings({ leads, appeared, disappeared }: Reconciled): string[] {
  const much = (number: number): boolean => number * ONE_IN > leads;
  return [
    ...(much(appeared)
      ? [
          `${plural(appeared, 'lead')} of the time up to the end of the output that was there were not in it: updates, or an earlier run, missed them`,
        ]
      : []),
    ...(much(disappeared)
      ? [
          `${count(disappeared)} of the ${plural(leads, 'lead')} that the output had are not in it any more: deleted or merged away since, or out of sight of the API user`,
        ]
      : []),
  ];
}

/** Keeps what was found until the output is accounted for: once it is published, nobody could find it out again. */
export async function writeReconciled(
  { store, run, plan, signal }: MergeContext,
  reconciled: Reconciled,
): Promise<void> {
  const location = { bucket: run.bucket, key: run.reconciled };
  await writeJson(store, location, { plan: plan.sha256, reconciled }, { signal });
}

export async function readReconciled({ store, run, plan, signal }: MergeContext): Promise<Reconciled | undefined> {
  const found = (await readJson(store, { bucket: run.bucket, key: run.reconciled }, schema, signal))?.value;
  return found?.plan === plan.sha256 ? found.reconciled : undefined;
}
