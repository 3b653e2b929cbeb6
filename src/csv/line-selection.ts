import type { LineEnd } from './header.js';
import type { RecordScanner, ScanSummary } from './record-scanner.js';

/**
 * Turns decisions about the lines of a file into slices of the chunks they lie in. Of each line only what came before its
 * decision is ever held back, and kept lines that lie side by side in a chunk come as one slice. The first line, the header,
 * is left out: what is to come for it is put in.
 */
export class LineSelection {
  private chunk: Buffer = Buffer.alloc(0);
  /** Offset of the chunk in the file. */
  private offset = 0;
  /** Where in the chunk the current line starts; 0 for one that began in an earlier chunk. */
  private lineStart = 0;
  /** Where in the chunk the kept lines start that aren't in a slice yet; −1 when there are none. */
  private runStart = -1;
  /** Whether the current line is kept; undefined while that isn't decided. */
  private keeping: boolean | undefined = false;
  /** The current line's bytes from earlier chunks while it isn't decided on. */
  private held: Buffer[] = [];
  private slices: Buffer[] = [];
  private lastKept = false;

  /** Whether anything comes out for the latest line that was decided on. */
  get keptLast(): boolean {
    return this.lastKept;
  }

  /** The chunk may be reused after `endChunk`, once its slices were used. */
  startChunk(chunk: Buffer): void {
    this.chunk = chunk;
    this.lineStart = 0;
    this.runStart = this.keeping === true ? 0 : -1;
  }

  /** Keeps the current line, or leaves it out. */
  decide(keep: boolean): void {
    this.keeping = keep;
    this.lastKept = keep;
    if (!keep) {
      this.closeRun(this.lineStart);
    } else if (this.runStart < 0) {
      this.slices.push(...this.held);
      this.runStart = this.lineStart;
    }
    this.held = [];
  }

  /** A copy of the current line, which ends at an offset in the file and wasn't decided on. */
  copyLine(endOffset: number): Buffer {
    return Buffer.concat([...this.held, this.chunk.subarray(this.lineStart, endOffset - this.offset)]);
  }

  /** Leaves the current line out, and puts other bytes in its place. */
  replace(bytes: Buffer): void {
    this.decide(false);
    this.slices.push(bytes);
    this.lastKept = true;
  }

  /** Says that the current line ends at an offset in the file. */
  endLine(endOffset: number): void {
    this.lineStart = endOffset - this.offset;
    this.keeping = undefined;
  }

  /** What was kept since the last call; slices of the chunk. */
  endChunk(): Buffer[] {
    if (this.keeping === undefined) {
      this.closeRun(this.lineStart);
      if (this.lineStart < this.chunk.length) this.held.push(Buffer.from(this.chunk.subarray(this.lineStart)));
    } else {
      this.closeRun(this.chunk.length);
    }
    this.offset += this.chunk.length;
    const slices = this.slices;
    this.slices = [];
    return slices;
  }

  private closeRun(end: number): void {
    if (this.runStart >= 0 && end > this.runStart) this.slices.push(this.chunk.subarray(this.runStart, end));
    this.runStart = -1;
  }
}

export interface SelectionEnd {
  /** Called at the end of the file, before its last line comes; may throw. */
  readonly check?: (summary: ScanSummary) => void;
  /** What a last line gets that is kept without its end. @default the header's */
  readonly lineEnd?: LineEnd | undefined;
}

/**
 * What is kept of a file: the chunks go through the scanner, whose callbacks decide on the selection's lines.
 *
 * @throws InvalidHeaderError, InvalidIdError while it is read
 */
export async function* selectedBytes(
  source: AsyncIterable<Buffer>,
  scanner: RecordScanner,
  selection: LineSelection,
  { check, lineEnd }: SelectionEnd = {},
): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of source) {
    selection.startChunk(chunk);
    scanner.push(chunk);
    yield* selection.endChunk();
  }
  selection.startChunk(Buffer.alloc(0));
  const summary = scanner.end();
  check?.(summary);
  yield* selection.endChunk();
  if (!summary.endsWithNewline && selection.keptLast) yield Buffer.from(lineEnd ?? summary.lineEnd);
}
