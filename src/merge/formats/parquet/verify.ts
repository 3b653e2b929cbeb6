import { join } from 'node:path';
import { defined } from '../../../contract/defined.js';
import { IdSet } from '../../../csv/id-set.js';
import { getBytes } from '../../../storage/objects.js';
import { mergeMismatch, type MergeContext } from '../../merge-context.js';
import type { Staged } from '../../staged.js';
import type { ParquetColumns } from './columns.js';
import { readBack } from './reader.js';

const PROBLEMS = {
  unreadable: 'The Parquet file that was made cannot be read back',
  withoutId: 'The Parquet file has a row without an id',
  twice: 'The Parquet file has an id twice',
};

/**
 * Reads a Parquet file back with another reader than the one that wrote it: names of the columns, number of rows, every id, and
 * what is not of its column's type. Of the rest nothing is read.
 *
 * Memory: a set with all ids. A process of its own has the footer, two columns of a row group at a time, and another set.
 *
 * @param leads rows that it must have
 * @param wanted their ids
 * @returns values in the last column, by the column that they are of
 * @throws RunFailure `MergeMismatch`; ConverterError
 */
export async function verifyParquet(
  { store, run, converterPath, signal }: MergeContext,
  { key, etag, bytes }: Staged,
  { columns, uncast }: ParquetColumns,
  leads: number,
  wanted: IdSet,
): Promise<Readonly<Record<string, number>>> {
  const path = converterPath === undefined ? undefined : join(converterPath, '..', 'reader-child.js');
  const found = await readBack({ ...defined({ path }), request: { bytes, uncast }, signal }, async (start, end) => {
    const range = { start, end };
    const slice = await getBytes(store, { bucket: run.bucket, key }, { ifMatch: etag, range, signal });
    if (slice?.length !== end - start) throw mergeMismatch('The Parquet file that was made is gone');
    return slice;
  });
  if (found.outcome !== 'read') throw mergeMismatch(PROBLEMS[found.outcome]);
  if (found.rows !== leads)
    throw mergeMismatch(`The Parquet file has ${found.rows} rows; the output has ${leads} leads`);
  const names = [...columns.map(({ name }) => name), uncast];
  if (found.columns.join('\n') !== names.join('\n')) {
    throw mergeMismatch('The Parquet file does not have the columns of the files');
  }
  const ids = IdSet.deserialize(Buffer.from(found.ids));
  try {
    if (ids.cardinality !== wanted.cardinality || ids.intersectionCardinality(wanted) !== wanted.cardinality) {
      throw mergeMismatch('The ids that are read back from the Parquet file are not those of the files');
    }
  } finally {
    ids.dispose();
  }
  return found.uncast;
}
