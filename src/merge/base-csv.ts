import { formatOf } from '../contract/format.js';
import type { PlanRecord } from '../plan/plan-record.js';
import { deleteObjects } from '../storage/objects.js';
import { mergeMismatch, type MergeContext } from './merge-context.js';
import { copyStaged, readStaged } from './staged.js';

/** The CSV beside an output, as it lies there. */
export interface BaseCsv {
  readonly bytes: number;
  readonly etag: string;
  readonly crc32: number;
}

/** Whether the next update needs the merged CSV: who never asked for an update need not store every lead twice. */
export function needsBaseCsv({ destination }: Pick<MergeContext, 'destination'>, { keepsBase }: PlanRecord): boolean {
  return formatOf(destination) !== 'csv' && keepsBase;
}

/** Keeps the merged CSV beside an output that is not CSV itself, if an update will need it; else none stays there. */
export async function keepBaseCsv(context: MergeContext, plan: PlanRecord): Promise<BaseCsv | undefined> {
  const { store, run, output, signal } = context;
  if (!needsBaseCsv(context, plan)) {
    if (formatOf(context.destination) !== 'csv') await deleteObjects(store, run.bucket, [output.base.key], signal);
    return undefined;
  }
  const { csv } = await readStaged(store, run);
  if (!csv) throw mergeMismatch('The merged CSV is gone');
  return copyStaged(context, csv, output.base);
}
