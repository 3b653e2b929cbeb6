import { parse } from 'csv-parse/sync';
import { LeadCatalog } from '../simulator/leads/catalog.js';

const ID_DIGITS = 9;
const ZERO = 0x30;
/** The id of number 0; nine digits as all others. */
export const FIRST_ID = 100_000_000;

export interface RowsOptions {
  /** REST names of the simulator's fields beside `id`; all of them unless given. */
  readonly fields?: readonly string[];
  /** Columns that stand before `id`. @default 0 */
  readonly idColumn?: number;
  /** Bytes that each row carries in addition. @default 0 */
  readonly paddingBytes?: number;
}

/**
 * Endless rows of an export: those of the simulator's leads (quotes, line ends inside fields, many scripts), a few thousand
 * of them over and over, each time with new ids of nine digits. Quick to make: only the ids are written anew.
 */
export class Rows {
  readonly header: Buffer;
  /** Bytes and records of one round through the leads. */
  readonly blockBytes: number;
  readonly blockRecords: number;
  private readonly block: Buffer;
  private readonly idOffsets: readonly number[];

  constructor({ fields, idColumn = 0, paddingBytes = 0 }: RowsOptions = {}) {
    const catalog = catalogOf(paddingBytes);
    const others = catalog.fields.filter(
      ({ name, exportable }) => exportable && name !== 'id' && (fields?.includes(name) ?? true),
    );
    const before = others.slice(0, idColumn);
    const after = others.slice(idColumn);
    this.header = Buffer.from(`${[...before.map(nameOf), 'id', ...after.map(nameOf)].join(',')}\n`);
    const pieces: Buffer[] = [];
    const idOffsets: number[] = [];
    let bytes = 0;
    for (let lead = 0; lead < catalog.leads; lead++) {
      // csv-parse refuses quotes that are not doubled, as Marketo was seen to write them; it must be able to take part.
      if (!isReadable(catalog.row(lead, others))) continue;
      const start = Buffer.from(before.length > 0 ? `${catalog.row(lead, before)},` : '');
      const rest = Buffer.from(`${'0'.repeat(ID_DIGITS)}${after.length > 0 ? `,${catalog.row(lead, after)}` : ''}\n`);
      idOffsets.push(bytes + start.length);
      bytes += start.length + rest.length;
      pieces.push(start, rest);
    }
    this.block = Buffer.concat(pieces);
    this.blockBytes = this.block.length;
    this.blockRecords = idOffsets.length;
    this.idOffsets = idOffsets;
  }

  /**
   * So many rows, without the header, in chunks whose memory is used again for the next one.
   *
   * @param first number of the first id, from 0
   * @param step distance of neighbouring ids
   */
  *chunks(records: number, first: number, step = 1): Generator<Buffer> {
    for (let done = 0; done < records; done += this.blockRecords) {
      const count = Math.min(this.blockRecords, records - done);
      for (let row = 0; row < count; row++) this.writeId(row, FIRST_ID + first + (done + row) * step);
      yield this.block.subarray(0, this.endOfRow(count));
    }
  }

  /** Records that make up about so many bytes. */
  recordsIn(bytes: number): number {
    return Math.max(1, Math.round((bytes / this.blockBytes) * this.blockRecords));
  }

  /** The end of the first rows of a block: where the next one's columns before the id begin. */
  private endOfRow(count: number): number {
    if (count === this.blockRecords) return this.blockBytes;
    return this.block.lastIndexOf('\n', (this.idOffsets[count] ?? 0) - 1) + 1;
  }

  private writeId(row: number, id: number): void {
    let position = (this.idOffsets[row] ?? 0) + ID_DIGITS;
    let rest = id;
    for (let digit = 0; digit < ID_DIGITS; digit++) {
      const higher = Math.floor(rest / 10);
      this.block[--position] = ZERO + rest - higher * 10;
      rest = higher;
    }
  }
}

/** A whole file in memory. */
export function fileOf(rows: Rows, records: number, first = 0, step = 1): Buffer {
  return Buffer.concat([rows.header, ...Array.from(rows.chunks(records, first, step), (chunk) => Buffer.from(chunk))]);
}

function catalogOf(paddingBytes: number): LeadCatalog {
  const from = Date.parse('2024-01-01T00:00:00Z');
  return new LeadCatalog({
    seed: 1,
    leads: 2000,
    from,
    until: from + 30 * 86_400_000,
    idBase: 0,
    paddingBytes,
    halfSeconds: false,
    filterIgnoresFractions: true,
  });
}

function isReadable(row: string): boolean {
  try {
    return parse(row).length === 1;
  } catch {
    return false;
  }
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}
