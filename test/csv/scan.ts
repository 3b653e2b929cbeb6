import { InvalidHeaderError, InvalidIdError } from '../../src/csv/csv-errors.js';
import { RecordScanner, type Quoting } from '../../src/csv/record-scanner.js';
import type { Reading } from './reference-scanner.js';

/** Cuts bytes at the given offsets, in any order. */
export function cut(bytes: Buffer, offsets: readonly number[]): Buffer[] {
  const borders = [0, ...[...offsets].map((offset) => offset % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return borders.slice(1).map((end, index) => bytes.subarray(borders[index], end));
}

/** What a `RecordScanner` says about chunks, in the reference's terms; each chunk is overwritten once it has been pushed. */
export function scan(chunks: readonly Buffer[], quoting: Quoting = 'tolerant'): Reading {
  const records: { id: bigint; endOffset: number }[] = [];
  const announced: string[] = [];
  const scanner = new RecordScanner({
    quoting,
    onHeader: (header) => announced.push(header.toString('latin1')),
    onId: (high, low) => announced.push(`${high} ${low}`),
    onRecord: (high, low, endOffset) => {
      if (announced.at(-1) !== `${high} ${low}`) throw new Error('A record was told before its id');
      if (announced.length !== records.length + 2) throw new Error('Not exactly one id was told per record');
      records.push({ id: BigInt(high) * 2n ** 32n + BigInt(low), endOffset });
    },
  });
  try {
    for (const chunk of chunks) {
      const reused = Buffer.from(chunk);
      scanner.push(reused);
      reused.fill('"');
    }
    const summary = scanner.end();
    if (summary.records !== records.length) throw new Error('The summary counts other records');
    if (summary.bytes !== Buffer.concat(chunks).length) throw new Error('The summary counts other bytes');
    if (summary.headerBytes !== summary.header.length) throw new Error('The header has another length');
    if (summary.header.length > 0 && announced[0] !== summary.header.toString('latin1'))
      throw new Error('Another header was told');
    const { endsWithNewline, endsInsideQuotes } = summary;
    return { header: summary.header.toString('latin1'), records, endsWithNewline, endsInsideQuotes };
  } catch (error) {
    if (error instanceof InvalidHeaderError) return { error: 'InvalidHeaderError' };
    if (error instanceof InvalidIdError) return { error: 'InvalidIdError', recordNumber: error.recordNumber };
    throw error;
  }
}
