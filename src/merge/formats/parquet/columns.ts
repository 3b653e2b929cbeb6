import type { ColumnType, DescribedColumn, Field } from '../../../contract/columns.js';

/** A column of a Parquet file. */
export interface ParquetColumn {
  /** What it is called in the file. */
  readonly name: string;
  readonly type: ColumnType;
  /** What Marketo calls it. */
  readonly field: Field;
}

/** All columns of a Parquet file: those of the CSV in their order, and last the one for what is not of its column's type. */
export interface ParquetColumns {
  readonly columns: readonly ParquetColumn[];
  /** Name of the last one: `_uncast`, unless a column is called that. */
  readonly uncast: string;
}

/**
 * The columns of a file. Most readers of Parquet take names that differ in case alone for one: a later one of these gets a
 * number.
 *
 * @param ofCsv the columns of the CSV
 */
export function parquetColumns(ofCsv: readonly DescribedColumn[]): ParquetColumns {
  const taken = new Set<string>();
  const unique = (name: string): string => {
    let free = name;
    for (let number = 1; taken.has(free.toLowerCase()); number++) free = `${name}_${number}`;
    taken.add(free.toLowerCase());
    return free;
  };
  const columns = ofCsv.map(({ type, ...field }) => ({ name: unique(field.name), type, field }));
  return { columns, uncast: unique('_uncast') };
}
