import { sha256 } from '../bytes/sha256.js';
import type { PlanRecord } from '../plan/plan-record.js';
import type { CheckedRange } from '../storage/compose.js';
import { crc32 } from '../bytes/crc32.js';
import { getBytes } from '../storage/objects.js';
import type { Contribution } from './deduplicate.js';
import { mergeMismatch, type MergeContext } from './merge-context.js';

/**
 * The output as ranges of what is in S3: one header, then the rows of each window. Without any leads it is the header alone,
 * made of the field names.
 *
 * @throws RunFailure `MergeMismatch` if the header of the first part is not the one that was verified
 */
export async function outputRanges(
  { store, run }: Pick<MergeContext, 'store' | 'run'>,
  plan: PlanRecord,
  contributions: readonly Contribution[],
): Promise<CheckedRange[]> {
  const first = contributions.find(({ record }) => record.part)?.record.part;
  if (!first) {
    const literal = Buffer.from(`${plan.fields.map(quoted).join(',')}\n`);
    return [{ literal, crc32: crc32(literal) }];
  }
  const range = { start: first.headerStart, end: first.bodyStart };
  const header = await getBytes(store, { bucket: run.bucket, key: first.key }, { ifMatch: first.etag, range });
  if (!header || sha256(header) !== first.headerSha256) {
    throw mergeMismatch(`The header of ${first.key} is not what was verified`);
  }
  return [
    { key: first.key, etag: first.etag, ...range, crc32: crc32(header) },
    ...contributions.flatMap(({ sources }) => sources),
  ];
}

/** REST names have no such characters, but nothing promises it. */
function quoted(name: string): string {
  return /[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}
