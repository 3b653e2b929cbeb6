// Reads a Parquet file back for the process that started it, which fetches the bytes: a process of its own, so that what reading
// millions of rows leaves behind in memory goes with it.
import { parquetMetadataAsync, parquetScan, type AsyncBuffer, type FileMetaData } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { IdSet } from '../../../csv/id-set.js';
import type { ReaderAnswer, ReaderMessage, ReaderRequest } from './reader.js';

const TWO_TO_32 = 0x1_0000_0000;

/** Slices that were asked for, by their number. */
const asked = new Map<number, (bytes: Uint8Array) => void>();
let slices = 0;

process.once('disconnect', () => {
  process.exit(1);
});
process.on('message', (message: ReaderMessage) => {
  if (!('request' in message)) {
    asked.get(message.slice)?.(message.bytes);
    asked.delete(message.slice);
    return;
  }
  void read(message.request)
    .catch((): ReaderAnswer => ({ outcome: 'unreadable' }))
    .then((answer) => {
      process.send?.({ answer }, () => process.exit());
    });
});

function fileOf(byteLength: number): AsyncBuffer {
  return {
    byteLength,
    slice: async (start, end = byteLength) => {
      const slice = slices++;
      const bytes = await new Promise<Uint8Array>((resolve) => {
        asked.set(slice, resolve);
        process.send?.({ slice, start, end });
      });
      // A buffer of these bytes alone.
      return new Uint8Array(bytes).buffer;
    },
  };
}

async function read({ bytes, uncast }: ReaderRequest): Promise<ReaderAnswer> {
  const file = fileOf(bytes);
  const metadata = await parquetMetadataAsync(file);
  const told = { rows: Number(metadata.num_rows), columns: namesOf(metadata) };
  if (!told.columns.includes('id') || !told.columns.includes(uncast)) {
    return { outcome: 'read', ...told, ids: new Uint8Array(), uncast: {} };
  }
  const ids = new IdSet();
  const counts = new Map<string, number>();
  const scan = await parquetScan({ file, metadata, columns: ['id', uncast], compressors, geoparquet: false });
  for (const range of scan.ranges) {
    for (const id of await scan.readColumn({ column: 'id', ...range })) {
      if (typeof id !== 'bigint') return { outcome: 'withoutId' };
      // Ids are below 2^53; another value is none of those that are wanted, however it is rounded.
      const number = Number(id);
      if (!ids.add(Math.floor(number / TWO_TO_32), number % TWO_TO_32)) return { outcome: 'twice' };
    }
    for (const kept of await scan.readColumn({ column: uncast, ...range })) {
      if (typeof kept !== 'string') continue;
      for (const name of Object.keys(JSON.parse(kept) as object)) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return { outcome: 'read', ...told, ids: ids.serialize(), uncast: Object.fromEntries(counts) };
}

/** Names of the columns, in their order; the first element of the schema is the file itself. */
function namesOf({ schema }: FileMetaData): string[] {
  return schema.slice(1).map(({ name }) => name);
}
