import { createHash, type Hash } from 'node:crypto';
import { combineCrc32, crc32 } from '../bytes/crc32.js';
import { InvalidHeaderError, InvalidIdError } from '../csv/csv-errors.js';
import { lineEndOf, type LineEnd } from '../csv/header.js';
import { IdSet } from '../csv/id-set.js';
import { RecordScanner, type QuoteRule } from '../csv/record-scanner.js';
import type { OtherColumns, ScanSummary } from '../csv/scan-summary.js';

/** Bytes at the start of a file that csv-parse reads as a cross-check of the scanner. */
export const SAMPLE_BYTES = 64 * 1024;

const LINE_FEED = 0x0a;

/** Size and SHA-256 of an export file, as Marketo told them. The SHA-256 decides; sizes were seen to be told wrong. */
export interface ExpectedFile {
  readonly bytes: number;
  /** 64 hex digits. */
  readonly sha256: string;
}

/** The bytes that were received are not the file that Marketo told of. */
export class FileMismatchError extends Error {
  override readonly name = 'FileMismatchError';
}

/** What a scan found in a file whose bytes are right. */
export interface Contents {
  /** The first line with its line end, and with its byte order mark where it has one. */
  readonly header: Buffer;
  readonly columnNames: readonly string[];
  /** CRC-32 of the part after its header, the added line end included. */
  readonly bodyCrc32: number;
  readonly records: number;
  /** Lines of nothing but their line end: they are no records. */
  readonly emptyLines: number;
  /** Records with another number of columns than the header. */
  readonly otherColumns: OtherColumns;
  /** Records that readers of RFC 4180 cannot read, or read otherwise, where quotes are read by this rule. */
  readonly unreadableRecords: number;
  readonly quoteRule: QuoteRule;
  /** What the header ends with, and with it all readable records; LF where there is none. */
  readonly lineEnd: LineEnd;
  /** The distinct ids; whoever gets them disposes of them. */
  readonly ids: IdSet;
  /** The first bytes of the file. */
  readonly sample: Buffer;
}

/** A file whose bytes are right, and what is in it, or why that cannot be told. */
export interface Examination {
  /** Size of the file as it was received. */
  readonly bytes: number;
  /** The line end that the part gets in addition, as the header has it; empty where the file ends with one. */
  readonly addedNewline: Buffer;
  readonly contents: Contents | { readonly problem: string };
}

/**
 * Looks at each byte of an export file once: SHA-256, CRC-32, records and ids. Memory is flat but for the id set.
 */
export class PartVerifier {
  private readonly hash: Hash = createHash('sha256');
  private readonly ids = new IdSet();
  private readonly scanner: RecordScanner;
  private readonly sample: Buffer[] = [];
  private scanProblem: string | undefined;
  private lineEnd: LineEnd = '\n';
  private lastByte = 0;
  private bytes = 0;
  private sampledBytes = 0;
  private crc = 0;

  constructor(
    private readonly expected: ExpectedFile,
    private readonly quoteRule: QuoteRule,
  ) {
    this.scanner = new RecordScanner({
      quoteRule,
      countColumns: true,
      findUnreadable: true,
      onHeader: (header) => {
        this.lineEnd = lineEndOf(header);
      },
      onRecord: (high, low) => {
        this.ids.add(high, low);
      },
    });
  }

  /** The chunk is not kept: its memory may be used again. */
  push(chunk: Buffer): void {
    this.hash.update(chunk);
    this.crc = crc32(chunk, this.crc);
    this.bytes += chunk.length;
    this.lastByte = chunk[chunk.length - 1] ?? this.lastByte;
    if (this.sampledBytes < SAMPLE_BYTES) {
      const piece = Buffer.from(chunk.subarray(0, SAMPLE_BYTES - this.sampledBytes));
      this.sample.push(piece);
      this.sampledBytes += piece.length;
    }
    this.scan(() => {
      this.scanner.push(chunk);
    });
  }

  /** Whether the bytes so far, and these behind them, have the SHA-256 that Marketo told. */
  isWholeWith(tail: Buffer): boolean {
    return this.hash.copy().update(tail).digest('hex') === this.expected.sha256;
  }

  /** @throws FileMismatchError if the SHA-256 is not the one that was expected */
  end(): Examination {
    const sha256 = this.hash.digest('hex');
    if (sha256 !== this.expected.sha256) {
      this.ids.dispose();
      throw new FileMismatchError(
        `Received ${this.bytes} bytes with SHA-256 ${sha256}; Marketo told ${this.expected.bytes} bytes with ${this.expected.sha256}`,
      );
    }
    const summary = this.scan(() => this.scanner.end());
    // A line end added inside a field that was never closed would become part of it, and swallow what follows in the output.
    if (summary?.endsInsideQuotes === true) this.scanProblem ??= 'it ends inside a quoted field';
    const addedNewline = Buffer.from(this.bytes === 0 || this.lastByte === LINE_FEED ? '' : this.lineEnd);
    if (!summary || this.scanProblem !== undefined) {
      this.ids.dispose();
      return { bytes: this.bytes, addedNewline, contents: { problem: this.scanProblem ?? 'it cannot be read' } };
    }
    return { bytes: this.bytes, addedNewline, contents: this.contentsOf(summary, addedNewline) };
  }

  /** Frees the id set of a file that is given up. */
  dispose(): void {
    this.ids.dispose();
  }

  private contentsOf(summary: ScanSummary, addedNewline: Buffer): Contents {
    const { records, emptyLines, columnNames } = summary;
    const headerAlone = summary.headerBytes === this.bytes;
    const header = headerAlone ? Buffer.concat([summary.header, addedNewline]) : summary.header;
    const bodyBytes = this.bytes + addedNewline.length - header.length;
    return {
      header,
      columnNames,
      // Combining a prefix with the whole takes the prefix out: CRC-32 is linear.
      bodyCrc32: combineCrc32(crc32(header), crc32(addedNewline, this.crc), bodyBytes),
      records,
      emptyLines,
      otherColumns: summary.otherColumns ?? { records: 0, difference: 0, first: undefined },
      unreadableRecords: summary.unreadableRecords ?? 0,
      quoteRule: this.quoteRule,
      lineEnd: this.lineEnd,
      ids: this.ids,
      sample: Buffer.concat(this.sample),
    };
  }

  /** What cannot be read only counts once the checksum has shown that it is really in the file. */
  private scan<R>(step: () => R): R | undefined {
    if (this.scanProblem !== undefined) return undefined;
    try {
      return step();
    } catch (error) {
      if (!(error instanceof InvalidIdError || error instanceof InvalidHeaderError)) throw error;
      this.scanProblem = error.message;
      return undefined;
    }
  }
}
