import type { Column } from '../contract/columns.js';

/** An output that an engine is to make a table of. */
export interface LoadRequest {
  /** `s3://` URL of the output. */
  readonly destination: string;
  readonly columns: readonly Pick<Column, 'name' | 'type'>[];
  /** Leads in the output: as many rows must the table have. */
  readonly leads: number;
  /** Name of the table, with those of its schema and database before it where they are given, parted by dots. */
  readonly table: string;
}

/** What an engine cannot load, in a sentence for people. */
export class NotLoadableError extends Error {
  override readonly name = 'NotLoadableError';
}

/** The column of a Parquet output that holds, as JSON by column name, what did not read as its type. */
export const UNCAST = '_uncast';
