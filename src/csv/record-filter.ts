import { RecordScanner, type Quoting } from './record-scanner.js';

export interface FilterOptions {
  /** Whether the header row is part of what comes out. */
  header: 'keep' | 'drop';
  /** @default 'tolerant' */
  quoting?: Quoting;
}

export interface FilteredRecords {
  /** The kept records. Slices of the source's chunks: use each before asking for the next if the source reuses its memory. */
  bytes: AsyncGenerator<Buffer, void, undefined>;
  /** Records decided on so far; final once `bytes` is at its end. The header isn't counted. */
  counts: { kept: number; dropped: number };
}

/**
 * Takes the records that `keep` says yes to out of a CSV file, byte for byte and in order.
 *
 * Memory stays flat: each record is decided on as soon as its id is known, so only the columns before the id and a cut-off
 * id are ever held back, however long the record is. Kept records that lie side by side in a chunk come as one slice. A last
 * line without its end gets the header's. An empty line goes with the record after it, or is dropped at the end of the file.
 *
 * @param source a whole file with its header, in chunks of any size
 * @param keep called once per record, in order, with the two halves of its id (see `RecordScanner`)
 * @throws InvalidHeaderError, InvalidIdError while `bytes` is read
 */
export function filterRecords(
  source: AsyncIterable<Buffer>,
  keep: (idHigh: number, idLow: number) => boolean,
  options: FilterOptions,
): FilteredRecords {
  const counts = { kept: 0, dropped: 0 };
  return { bytes: filteredBytes(source, keep, options, counts), counts };
}

async function* filteredBytes(
  source: AsyncIterable<Buffer>,
  keep: (idHigh: number, idLow: number) => boolean,
  options: FilterOptions,
  counts: FilteredRecords['counts'],
): AsyncGenerator<Buffer, void, undefined> {
  const selection = new Selection(options.header === 'keep');
  const scanner = new RecordScanner({
    ...(options.quoting && { quoting: options.quoting }),
    onHeader: (header) => {
      selection.endLine(header.length);
    },
    onId: (idHigh, idLow) => {
      const kept = keep(idHigh, idLow);
      if (kept) counts.kept++;
      else counts.dropped++;
      selection.decide(kept);
    },
    onRecord: (_idHigh, _idLow, endOffset) => {
      selection.endLine(endOffset);
    },
  });
  for await (const chunk of source) {
    selection.startChunk(chunk);
    scanner.push(chunk);
    yield* selection.endChunk();
  }
  selection.startChunk(Buffer.alloc(0));
  const { endsWithNewline, lineEnd } = scanner.end();
  yield* selection.endChunk();
  if (!endsWithNewline && selection.keptLast) yield Buffer.from(lineEnd);
}

/** Turns the decisions about lines into slices of the chunks they lie in. */
class Selection {
  #chunk: Buffer = Buffer.alloc(0);
  /** Offset of the chunk in the file. */
  #offset = 0;
  /** Where in the chunk the current line starts; 0 for one that began in an earlier chunk. */
  #lineStart = 0;
  /** Where in the chunk the kept lines start that aren't in a slice yet; −1 when there are none. */
  #runStart = -1;
  /** Whether the current line is kept; undefined until its id is known. */
  #keeping: boolean | undefined;
  /** The current line's bytes from earlier chunks while it isn't decided on. */
  #held: Buffer[] = [];
  #slices: Buffer[] = [];
  /** Whether the latest line that was decided on is kept. */
  keptLast: boolean;

  constructor(keepFirstLine: boolean) {
    this.#keeping = keepFirstLine;
    this.keptLast = keepFirstLine;
  }

  startChunk(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#lineStart = 0;
    this.#runStart = this.#keeping === true ? 0 : -1;
  }

  decide(keep: boolean): void {
    this.#keeping = keep;
    this.keptLast = keep;
    if (!keep) {
      this.#closeRun(this.#lineStart);
    } else if (this.#runStart < 0) {
      this.#slices.push(...this.#held);
      this.#runStart = this.#lineStart;
    }
    this.#held = [];
  }

  endLine(endOffset: number): void {
    this.#lineStart = endOffset - this.#offset;
    this.#keeping = undefined;
  }

  endChunk(): Buffer[] {
    if (this.#keeping === undefined) {
      this.#closeRun(this.#lineStart);
      if (this.#lineStart < this.#chunk.length) this.#held.push(Buffer.from(this.#chunk.subarray(this.#lineStart)));
    } else {
      this.#closeRun(this.#chunk.length);
    }
    this.#offset += this.#chunk.length;
    const slices = this.#slices;
    this.#slices = [];
    return slices;
  }

  #closeRun(end: number): void {
    if (this.#runStart >= 0 && end > this.#runStart) this.#slices.push(this.#chunk.subarray(this.#runStart, end));
    this.#runStart = -1;
  }
}
