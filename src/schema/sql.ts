import type { ColumnType } from '../contract/columns.js';
import { columnNames, type NameRules } from './column-names.js';
import type { LoadRequest } from './load-request.js';

/** A column of a statement. */
export interface SqlColumn {
  /** As the header of the file has it. */
  readonly name: string;
  readonly type: ColumnType;
  /** Its name in the table, quoted. */
  readonly id: string;
}

/** What tells the SQL of an engine from that of others. */
export interface Dialect {
  readonly names: NameRules;
  /** Puts a name into the engine's quotes. */
  readonly quote: (name: string) => string;
}

/** A name in double quotes, doubled inside (the SQL standard). */
export function doubleQuoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text in single quotes, doubled inside (the SQL standard). */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The columns of an output in an engine's words. */
export function sqlColumns({ columns }: Pick<LoadRequest, 'columns'>, { names, quote }: Dialect): SqlColumn[] {
  const ids = columnNames(
    columns.map(({ name }) => name),
    names,
  );
  return columns.map(({ name, type }, index) => ({ name, type, id: quote(ids[index] ?? '') }));
}

/** The table's name, each part quoted; `suffix` makes that of another table beside it. */
export function tableName(
  { table }: Pick<LoadRequest, 'table'>,
  { quote }: Pick<Dialect, 'quote'>,
  suffix = '',
): string {
  const parts = table.split('.');
  return parts.map((part, index) => quote(index === parts.length - 1 ? part + suffix : part)).join('.');
}

/** The definitions of columns, a line each. */
export function definitions(columns: readonly SqlColumn[], typeOf: (type: ColumnType) => string): string {
  return columns.map(({ id, type }) => `  ${id} ${typeOf(type)}`).join(',\n');
}

/** What a table of typed values selects from one of texts, a line each: what does not read as its type is NULL. */
export function casts(columns: readonly SqlColumn[], cast: (id: string, type: ColumnType) => string): string {
  return columns.map(({ id, type }) => (type === 'text' ? `  ${id}` : `  ${cast(id, type)} AS ${id}`)).join(',\n');
}

/** A line of comment for each column whose name in the table is not that of the header. */
export function renamed(columns: readonly SqlColumn[], { quote }: Pick<Dialect, 'quote'>): string[] {
  return columns
    .filter(({ name, id }) => quote(name) !== id)
    .map(({ name, id }) => `-- ${id} is the column ${JSON.stringify(name)} of the output.`);
}

/** A query that tells whether the table has a row for each lead of the manifest. */
export function completeness(table: string, { leads }: LoadRequest): string {
  return `SELECT COUNT(*) AS row_count, COUNT(*) = ${leads} AS is_complete FROM ${table};`;
}
