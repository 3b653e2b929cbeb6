import type { IdSet } from '../csv/id-set.js';
import { changesNames } from '../parts/output-names.js';
import type { PlanRecord } from '../plan/plan-record.js';
import { formatS3Url, type ObjectLocation } from '../storage/s3-url.js';
import { composeRanges, sizeAndCrc, uploadStream } from './compose-ranges.js';
import type { Gone } from './gone-record.js';
import type { Merged } from './merge-all.js';
import { mergeMismatch, type MergeContext } from './merge-context.js';
import { readManifest } from './manifest-file.js';
import { readOutputIds } from './output-ids.js';
import { outputRanges } from './output-ranges.js';
import { copyStaged, readStaged, stageOnce } from './staged.js';

/** URLs of what an update changed, for a table that follows the output. */
export interface KeptChanges {
  /** CSV of the output's columns: the rows of leads that are new or were exported anew. */
  readonly csv: string;
  /** CSV of `id,reason`: leads of the base that are gone, `deleted` or `merged`. */
  readonly gone: string;
}

/** Ids that are joined into one piece of the file. */
const LINES_AT_ONCE = 10_000;

/**
 * Makes what an update changes, before it is published and the base is no more: the rows that go over those of the base, and
 * the leads of the base that are gone.
 *
 * @throws RunFailure `MergeMismatch` if the base is another one by now
 */
export async function stageChanges(
  context: MergeContext,
  plan: PlanRecord,
  { base, contributions }: Merged,
  gone: Gone,
): Promise<void> {
  // The base gives the header, whose line end is that of all rows.
  const header = base ? [{ ...base, sources: [] }] : [];
  const rows = await outputRanges(context, plan, [...header, ...contributions]);
  const { bytes, crc32 } = sizeAndCrc(rows);
  await stageOnce(context, {
    kind: 'changes',
    source: `${crc32} ${bytes}`,
    make: (upload) => composeRanges(context, upload, rows, []),
  });
  const baseIds = await readBaseIds(context);
  try {
    await stageOnce(context, {
      kind: 'gone',
      source: gone.record.idsSha256,
      make: (upload) => uploadStream(context, upload, 0, goneLines(gone, baseIds)),
    });
  } finally {
    baseIds.dispose();
  }
}

/** Puts them beside the published output, under the end of its range. */
export async function keepChanges(context: MergeContext, plan: PlanRecord): Promise<KeptChanges | undefined> {
  if (!context.keepChanges || plan.mode !== 'update') return undefined;
  const { store, run, output } = context;
  const { changes, gone } = await readStaged(store, run);
  if (!changes || !gone) throw mergeMismatch('What the update changed is gone');
  const names = changesNames(output, plan.endAt);
  const keep = async (staged: typeof changes, location: ObjectLocation): Promise<string> => {
    await copyStaged(context, staged, location);
    return formatS3Url(location);
  };
  return { csv: await keep(changes, names.csv), gone: await keep(gone, names.gone) };
}

async function readBaseIds({ store, output, signal }: MergeContext): Promise<IdSet> {
  const manifest = await readManifest(store, output, signal);
  const ids = manifest && (await readOutputIds(store, output, manifest, signal));
  if (!ids) throw mergeMismatch('The id set of the output that the update began with is gone');
  return ids;
}

/** A lead that was merged may count as deleted too: that it was merged says more. */
async function* goneLines({ ids, merged }: Gone, base: IdSet): AsyncGenerator<Buffer> {
  let lines = ['id,reason\n'];
  for (const [high, low] of ids.entries()) {
    if (!base.has(high, low)) continue;
    lines.push(`${high * 2 ** 32 + low},${merged.has(high, low) ? 'merged' : 'deleted'}\n`);
    if (lines.length < LINES_AT_ONCE) continue;
    yield Buffer.from(lines.join(''));
    lines = [];
  }
  yield await Promise.resolve(Buffer.from(lines.join('')));
}
