import { RecordScanner, type QuoteRule } from '../csv/record-scanner.js';
import { combineCrc32, crc32 } from '../bytes/crc32.js';

/** Bytes of a file that are kept, with their CRC-32. */
export interface KeptRange {
  /** First byte, and the one after the last. */
  readonly start: number;
  readonly end: number;
  readonly crc32: number;
}

export interface KeptRanges {
  readonly ranges: readonly KeptRange[];
  readonly kept: number;
  readonly dropped: number;
}

/**
 * Where the records lie that `keep` says yes to: the ranges that `filterRecords` would take out of the same file without its
 * header, found without copying a byte. Nothing if they are more than `most`: known as soon as they are, the rest is not read.
 *
 * @param source a whole file with its header and its last line end, in chunks of any size
 * @param keep called once per record, in order, with the two halves of its id (see `RecordScanner`)
 * @throws InvalidHeaderError, InvalidIdError
 */
export async function findKeptRanges(
  source: AsyncIterable<Buffer>,
  keep: (idHigh: number, idLow: number) => boolean,
  { most, quoteRule }: { readonly most: number; readonly quoteRule: QuoteRule },
): Promise<KeptRanges | undefined> {
  const finder = new RangeFinder(keep, quoteRule);
  for await (const chunk of source) {
    finder.push(chunk);
    if (finder.ranges.length > most) return undefined;
  }
  finder.end();
  return finder.ranges.length > most ? undefined : finder;
}

class RangeFinder implements KeptRanges {
  readonly ranges: KeptRange[] = [];
  kept = 0;
  dropped = 0;
  private readonly scanner: RecordScanner;
  private chunk: Buffer = Buffer.alloc(0);
  /** Offset of the chunk in the file. */
  private offset = 0;
  /** CRC-32 of the file up to a position. */
  private crc = 0;
  private position = 0;
  /** The end of the line before the current record, and the CRC-32 up to there; known once it is asked for or its chunk is left. */
  private lineEnd = 0;
  private crcAtLineEnd = 0;
  /** Start of the range that is being kept, with the CRC-32 up to there. */
  private open: { readonly start: number; readonly crc: number } | undefined;

  constructor(keep: (idHigh: number, idLow: number) => boolean, quoteRule: QuoteRule) {
    this.scanner = new RecordScanner({
      quoteRule,
      onHeader: (header) => {
        this.lineEnd = header.length;
      },
      onRecord: (high, low, endOffset) => {
        const kept = keep(high, low);
        if (kept) this.kept++;
        else this.dropped++;
        if (kept && !this.open) this.open = { start: this.lineEnd, crc: this.crcUpToLineEnd() };
        else if (!kept && this.open) this.close();
        this.lineEnd = endOffset;
      },
      onEmptyLine: (endOffset) => {
        if (this.open) this.close();
        this.lineEnd = endOffset;
      },
    });
  }

  push(chunk: Buffer): void {
    this.chunk = chunk;
    this.scanner.push(chunk);
    // The line end may be where the next range starts or ends, and its chunk is gone then.
    this.crcAtLineEnd = this.crcUpToLineEnd();
    this.advance(this.offset + chunk.length);
    this.offset += chunk.length;
  }

  end(): void {
    this.scanner.end();
    if (this.open) this.close();
  }

  private close(): void {
    const { start, crc } = this.open ?? { start: 0, crc: 0 };
    const end = this.lineEnd;
    // CRC-32 is linear: combining a prefix with the whole takes the prefix out.
    this.ranges.push({ start, end, crc32: combineCrc32(crc, this.crcUpToLineEnd(), end - start) });
    this.open = undefined;
  }

  private crcUpToLineEnd(): number {
    if (this.lineEnd < this.position) return this.crcAtLineEnd;
    this.advance(this.lineEnd);
    return this.crc;
  }

  private advance(position: number): void {
    this.crc = crc32(this.chunk.subarray(this.position - this.offset, position - this.offset), this.crc);
    this.position = position;
  }
}
