import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FileShape } from './file-shape.js';
import { hash } from './leads/hash.js';
import type { FieldDefinition } from './leads/fields.js';
import type { LeadRange, LivingLeads } from './leads/living-leads.js';

/** What a job exports. */
export interface Selection extends LeadRange {
  readonly fields: readonly FieldDefinition[];
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

/**
 * Export files, made anew each time that they are read: a file of any size takes no memory. All of a file is as the leads were
 * at one moment, in milliseconds since 1970.
 */
export class ExportFiles {
  constructor(private readonly leads: LivingLeads) {}

  /** The bytes of a file, chunk by chunk; the last line of every third one has no line end. */
  *chunks(selection: Selection, at: number): Generator<Buffer> {
    const { fields, startAt, shape } = selection;
    const { lineEnd } = shape;
    let text = (shape.bom ? '\uFEFF' : '') + fields.map(({ name }) => name).join(',');
    for (const row of this.rows(selection, at)) {
      text += lineEnd + row;
      if (text.length >= CHUNK_BYTES) {
        yield Buffer.from(text);
        text = '';
      }
    }
    const ends = shape.lastLineEnd ?? hash(this.leads.catalog.options.seed, startAt, 5) % 3 !== 0;
    yield Buffer.from(text + (ends || shape.blankAtEnd > 0 ? lineEnd : '') + lineEnd.repeat(shape.blankAtEnd));
  }

  /** Size, checksum and number of records; yields to other requests in between. */
  async facts(selection: Selection, at: number): Promise<FileFacts> {
    const digest = createHash('sha256');
    let bytes = 0;
    for (const chunk of this.chunks(selection, at)) {
      digest.update(chunk);
      bytes += chunk.length;
      await nextTurn();
    }
    let records = 0;
    const indices = this.leads.inRange(selection, at);
    while (indices.next().done !== true) records++;
    return { records, bytes, sha256: digest.digest('hex') };
  }

  /** The lines under the header, without line ends; empty ones where the shape has them. */
  private *rows(selection: Selection, at: number): Generator<string> {
    const { fields, shape } = selection;
    if (shape.headerOnly) return;
    let row: string | undefined;
    let isFirst = true;
    for (const index of this.leads.inRange(selection, at)) {
      if (row !== undefined) {
        yield row;
        if (isFirst) yield* Array.from({ length: shape.blankInside }, () => '');
        isFirst = false;
      }
      row = this.leads.row(index, fields, at) + (shape.oddRow === 'first' && row === undefined ? ',EXTRA' : '');
    }
    if (row !== undefined) yield row + (shape.oddRow === 'last' ? ',EXTRA' : '');
  }
}
