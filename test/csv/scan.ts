import { InvalidHeaderError, InvalidIdError } from '../../src/csv/csv-errors.js';
import { RecordScanner, type QuoteRule } from '../../src/csv/record-scanner.js';
import type { Reading, RecordReading } from './reference-scanner.js';

/** Cuts bytes at the given offsets, in any order. */
export function cut(bytes: Buffer, offsets: readonly number[]): Buffer[] {
  const borders = [0, ...[...offsets].map((offset) => offset % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return borders.slice(1).map((end, index) => bytes.subarray(borders[index], end));
}

/** Each chunk is overwritten once the next one is asked for. */
export async function* stream(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) {
    const reused = await Promise.resolve(Buffer.from(chunk));
    yield reused;
    reused.fill('"');
  }
}

/** What a `RecordScanner` says about chunks, in the reference's terms; each chunk is overwritten once it has been pushed. */
export function scan(chunks: readonly Buffer[], quoteRule: QuoteRule = 'tolerant'): Reading {
  const records: RecordReading[] = [];
  const emptyLines: number[] = [];
  const announced: string[] = [];
  const scanner = new RecordScanner({
    quoteRule,
    findUnreadable: true,
    countColumns: true,
    onHeader: (header) => announced.push(header.toString('latin1')),
    onId: (high, low) => announced.push(`${high} ${low}`),
    onEmptyLine: (endOffset) => emptyLines.push(endOffset),
    onRecord: (high, low, endOffset, isReadable) => {
      if (announced.at(-1) !== `${high} ${low}`) throw new Error('A record was told before its id');
      if (announced.length !== records.length + 2) throw new Error('Not exactly one id was told per record');
      records.push({ id: BigInt(high) * 2n ** 32n + BigInt(low), endOffset, isReadable });
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
    if (summary.emptyLines !== emptyLines.length) throw new Error('The summary counts other empty lines');
    if (summary.unreadableRecords !== records.filter(({ isReadable }) => !isReadable).length)
      throw new Error('The summary counts other unreadable records');
    const { bom, lineEnd, columnNames, otherColumns, endsWithNewline, endsInsideQuotes } = summary;
    return {
      header: summary.header.toString('latin1'),
      bom,
      lineEnd,
      columnNames: columnNames.map((name) => Buffer.from(name).toString('latin1')),
      records,
      emptyLines,
      otherColumns: otherColumns ?? { records: 0, difference: 0, first: undefined },
      endsWithNewline,
      endsInsideQuotes,
    };
  } catch (error) {
    if (error instanceof InvalidHeaderError) return { error: 'InvalidHeaderError' };
    if (error instanceof InvalidIdError) return { error: 'InvalidIdError', recordNumber: error.recordNumber };
    throw error;
  }
}
