import { RunFailure } from '../contract/failures.js';
import { sameColumns, withoutMark } from '../csv/header.js';
import { count, plural } from '../text/format.js';
import { cut } from '../text/clean.js';
import type { PlanRecord } from '../plan/plan-record.js';
import { type ExpectedFile, type Contents } from './part-verifier.js';
import type { StoredPart } from './read-back.js';

/** Most characters of names that are told: an instance may have a thousand fields. */
const NAMES_CHARACTERS = 300;

/**
 * What is odd about a file whose bytes are right, one sentence each: told, and no reason to refuse it.
 *
 * @throws RunFailure `WindowFailed` if a field is missing that the user named
 */
export function fileWarnings(
  { fields, fieldsNamed }: PlanRecord,
  file: ExpectedFile,
  { bytes, contents }: StoredPart & { readonly contents: Contents },
): string[] {
  const { columnNames, otherColumns, header } = contents;
  const warnings: string[] = [];
  if (bytes !== file.bytes) {
    warnings.push(
      `Marketo told a fileSize of ${count(file.bytes)} bytes; the file with its checksum has ${count(bytes)}`,
    );
  }
  const columns = sameColumns(columnNames, fields);
  if (columns.outcome === 'order differs') warnings.push('The columns are not in the order that was asked for');
  if (columns.outcome === 'columns differ') {
    const { missing, extra } = columns;
    if (missing.length > 0 && fieldsNamed) {
      throw new RunFailure('WindowFailed', `The file lacks fields that "fields" names: ${names(missing)}`);
    }
    if (missing.length > 0) warnings.push(`Marketo exports no column for ${names(missing)}`);
    if (extra.length > 0) warnings.push(`Marketo exports columns that were not asked for: ${names(extra)}`);
  }
  if (otherColumns.first) {
    const { recordNumber, columns: found } = otherColumns.first;
    warnings.push(
      `${plural(otherColumns.records, 'record')} with another number of columns than the header's ${columnNames.length}; ` +
        `the first is record ${count(recordNumber)} with ${found}`,
    );
  }
  if (withoutMark(header) !== header) warnings.push('The file begins with a byte order mark, which is left out');
  return warnings;
}

function names(list: readonly string[]): string {
  return cut(list.join(', '), NAMES_CHARACTERS);
}
