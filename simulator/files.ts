import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FileShape } from './file-shape.js';
import type { LeadCatalog } from './leads/catalog.js';
import { hash } from './leads/hash.js';
import type { FieldDefinition } from './leads/fields.js';

/** What a job exports. */
export interface Selection {
  readonly fields: readonly FieldDefinition[];
  /** Closed range of creation times, milliseconds since 1970. */
  readonly startAt: number;
  readonly endAt: number;
  readonly shape: FileShape;
}

export interface FileFacts {
  /** Leads of the range, whether the file has them or not. */
  readonly records: number;
  readonly bytes: number;
  /** 64 hex digits. */
  readonly sha256: string;
}

/** Bytes that are made at once: enough to be quick, little enough to be held. */
const CHUNK_BYTES = 128 * 1024;

/** Export files, made anew each time that they are read: a file of any size takes no memory. */
export class ExportFiles {
  constructor(private readonly catalog: LeadCatalog) {}

  /** The bytes of a file, chunk by chunk; the last line of every third one has no line end. */
  *chunks(selection: Selection): Generator<Buffer> {
    const { fields, startAt, shape } = selection;
    const { lineEnd } = shape;
    let text = (shape.bom ? '\uFEFF' : '') + fields.map(({ name }) => name).join(',');
    for (const row of this.rows(selection)) {
      text += lineEnd + row;
      if (text.length >= CHUNK_BYTES) {
        yield Buffer.from(text);
        text = '';
      }
    }
    const ends = shape.lastLineEnd ?? hash(this.catalog.options.seed, startAt, 5) % 3 !== 0;
    yield Buffer.from(text + (ends || shape.blankAtEnd > 0 ? lineEnd : '') + lineEnd.repeat(shape.blankAtEnd));
  }

  /** Size, checksum and number of records; yields to other requests in between. */
  async facts(selection: Selection): Promise<FileFacts> {
    const digest = createHash('sha256');
    let bytes = 0;
    for (const chunk of this.chunks(selection)) {
      digest.update(chunk);
      bytes += chunk.length;
      await nextTurn();
    }
    let records = 0;
    const indices = this.catalog.inRange(selection.startAt, selection.endAt);
    while (indices.next().done !== true) records++;
    return { records, bytes, sha256: digest.digest('hex') };
  }

  /** The lines under the header, without line ends; empty ones where the shape has them. */
  private *rows({ fields, startAt, endAt, shape }: Selection): Generator<string> {
    if (shape.headerOnly) return;
    let row: string | undefined;
    let isFirst = true;
    for (const index of this.catalog.inRange(startAt, endAt)) {
      if (row !== undefined) {
        yield row;
        if (isFirst) yield* Array.from({ length: shape.blankInside }, () => '');
        isFirst = false;
      }
      row = this.catalog.row(index, fields) + (shape.oddRow === 'first' && row === undefined ? ',EXTRA' : '');
    }
    if (row !== undefined) yield row + (shape.oddRow === 'last' ? ',EXTRA' : '');
  }
}
