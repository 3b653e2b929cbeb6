import { parquetMetadataAsync, parquetScan, type AsyncBuffer, type FileMetaData } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { IdSet } from '../../../csv/id-set.js';
import { describeS3Error } from '../../../storage/s3-errors.js';
import { getBytes } from '../../../storage/objects.js';
import { mergeMismatch, type MergeContext } from '../../merge-context.js';
import type { Staged } from '../../staged.js';
import type { ParquetColumns } from './columns.js';

const TWO_TO_32 = 0x1_0000_0000;

/**
 * Reads a Parquet file back with another reader than the one that wrote it: names of the columns, number of rows, every id, and
 * what is not of its column's type. Of the rest nothing is read.
 *
 * Memory: the footer, two columns of a row group at a time, and a set with all ids.
 *
 * @param leads rows that it must have
 * @param wanted their ids
 * @returns values in the last column, by the column that they are of
 * @throws RunFailure `MergeMismatch`
 */
export async function verifyParquet(
  context: MergeContext,
  object: Staged,
  columns: ParquetColumns,
  leads: number,
  wanted: IdSet,
): Promise<Record<string, number>> {
  const found = new IdSet();
  try {
    const uncast = await readParquet(context, object, columns, leads, found);
    if (found.cardinality !== wanted.cardinality || found.intersectionCardinality(wanted) !== wanted.cardinality) {
      throw mergeMismatch('The ids that are read back from the Parquet file are not those of the files');
    }
    return uncast;
  } catch (error) {
    if (context.signal.aborted || describeS3Error(error)) throw error;
    if (error instanceof Error && error.name === 'RunFailure') throw error;
    throw mergeMismatch('The Parquet file that was made cannot be read back');
  } finally {
    found.dispose();
  }
}

/** @param found takes the ids */
async function readParquet(
  { store, run, signal }: MergeContext,
  { key, etag, bytes }: Staged,
  { columns, uncast }: ParquetColumns,
  leads: number,
  found: IdSet,
): Promise<Record<string, number>> {
  const file: AsyncBuffer = {
    byteLength: bytes,
    slice: async (start, end = bytes) => {
      const range = { start, end };
      const slice = await getBytes(store, { bucket: run.bucket, key }, { ifMatch: etag, range, signal });
      if (slice?.length !== end - start) throw mergeMismatch('The Parquet file that was made is gone');
      return slice.buffer.slice(slice.byteOffset, slice.byteOffset + slice.length) as ArrayBuffer;
    },
  };
  const metadata = await parquetMetadataAsync(file);
  if (Number(metadata.num_rows) !== leads) {
    throw mergeMismatch(`The Parquet file has ${metadata.num_rows} rows; the output has ${leads} leads`);
  }
  const names = [...columns.map(({ name }) => name), uncast];
  if (namesOf(metadata).join('\n') !== names.join('\n')) {
    throw mergeMismatch('The Parquet file does not have the columns of the files');
  }
  const counts = new Map<string, number>();
  const scan = await parquetScan({ file, metadata, columns: ['id', uncast], compressors, geoparquet: false });
  for (const range of scan.ranges) {
    signal.throwIfAborted();
    for (const id of await scan.readColumn({ column: 'id', ...range })) {
      if (typeof id !== 'bigint') throw mergeMismatch('The Parquet file has a row without an id');
      // Ids are below 2^53; another value is none of those that are wanted, however it is rounded.
      const number = Number(id);
      if (!found.add(Math.floor(number / TWO_TO_32), number % TWO_TO_32)) {
        throw mergeMismatch('The Parquet file has an id twice');
      }
    }
    for (const kept of await scan.readColumn({ column: uncast, ...range })) {
      if (typeof kept !== 'string') continue;
      for (const name of Object.keys(JSON.parse(kept) as object)) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return Object.fromEntries(counts);
}

/** Names of the columns, in their order; the first element of the schema is the file itself. */
function namesOf({ schema }: FileMetaData): string[] {
  return schema.slice(1).map(({ name }) => name);
}
