import { sha256 } from '../bytes/sha256.js';
import { combineCrc32, crc32 } from '../bytes/crc32.js';
import type { Manifest } from '../contract/manifest.js';
import { lineEndOf } from '../csv/header.js';
import { RecordScanner } from '../csv/record-scanner.js';
import type { CommitRecord } from '../parts/commit-record.js';
import type { OutputNames } from '../parts/output-names.js';
import { fieldsSha256 } from '../plan/plan-record.js';
import type { ObjectStore } from '../storage/object-store.js';
import type { ObjectLocation } from '../storage/s3-url.js';
import { getObjectStream } from '../storage/objects.js';
import type { OutputIds } from './output-ids.js';

/** Stands for a job in the names of what is made of a base. */
const BASE = 'base';

/**
 * An output that is there, as the part that an update merges last: with it, all that is verified of parts is verified of the
 * base too. Its bytes and CRC-32 are those of its manifest, its id set is read through that as well.
 *
 * Of an output that is compressed or Parquet it is the CSV beside it. Rows of any quoting that is read `tolerant`ly, RFC 4180 among them, are found again.
 *
 * @throws an error that `isPreconditionFailed` or `isNotFound` knows, if another object lies there than the manifest tells of
 */
export async function baseRecord(
  store: ObjectStore,
  output: OutputNames,
  manifest: Manifest & { readonly ids: OutputIds },
  signal: AbortSignal,
): Promise<CommitRecord> {
  const { instance, startAt, endAt, columns, leads, ids, publishedAt } = manifest;
  const { key, etag, bytes, crc32: told } = csvOf(output, manifest);
  const fields = columns.map(({ name }) => name);
  const header = await readHeader(store, { bucket: output.object.bucket, key }, etag, signal);
  const whole = parseInt(told, 16);
  return {
    version: 2,
    instance,
    startAt,
    endAt,
    fieldsSha256: fieldsSha256(fields),
    exportId: BASE,
    records: leads,
    warnings: [],
    part: {
      key,
      etag,
      partBytes: bytes,
      bytes,
      // Of an output there is none: its CRC-32 was combined from those of its parts.
      sha256: '0'.repeat(64),
      headerStart: 0,
      bodyStart: header.length,
      headerSha256: sha256(header),
      columns: fields,
      emptyLines: 0,
      // Combining the CRC-32 of the header with that of the whole takes the header out.
      bodyCrc32: combineCrc32(crc32(header), whole, bytes - header.length),
      idsKey: output.ids.key,
      // The SHA-256 says more.
      idsEtag: '',
      idsBytes: ids.bytes,
      idsSha256: ids.sha256,
      cardinality: ids.cardinality,
      duplicatesInside: 0,
      // What was quoted anew is read by strict rules and tolerantly alike.
      quoteRule: 'tolerant',
      unreadableRecords: 0,
      lineEnd: lineEndOf(header),
    },
    verifiedAt: publishedAt,
  };
}

/** Where the CSV of an output lies: it is the output, or lies beside it. */
function csvOf(output: OutputNames, { etag, bytes, crc32: sum, baseCsv }: Manifest): CsvObject {
  return baseCsv ? { key: output.base.key, ...baseCsv } : { key: output.object.key, etag, bytes, crc32: sum };
}

interface CsvObject {
  readonly key: string;
  readonly etag: string;
  readonly bytes: number;
  /** 8 hex digits. */
  readonly crc32: string;
}

/** The first line with its line end; an output has no byte order mark. @throws InvalidHeaderError */
async function readHeader(
  store: ObjectStore,
  location: ObjectLocation,
  etag: string,
  signal: AbortSignal,
): Promise<Buffer> {
  let header: Buffer | undefined;
  const scanner = new RecordScanner({
    quoteRule: 'tolerant',
    onHeader: (line) => {
      header = Buffer.from(line);
    },
    onRecord: () => undefined,
  });
  for await (const chunk of await getObjectStream(store, location, { ifMatch: etag, signal })) {
    scanner.push(chunk);
    if (header) return header;
  }
  scanner.end();
  return header ?? Buffer.alloc(0);
}
