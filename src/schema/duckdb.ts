import { formatOf } from '../contract/format.js';
import type { ColumnType } from '../contract/columns.js';
import { type LoadRequest } from './load-request.js';
import { casts, completeness, doubleQuoted, literal, renamed, sqlColumns, tableName, type Dialect } from './sql.js';

/** DuckDB knows no limit of a name's length; case does not tell names apart (DuckDB: Keywords and Identifiers). */
const DIALECT: Dialect = { names: { maxBytes: 255 }, quote: doubleQuoted };

const TYPES: Readonly<Record<ColumnType, string>> = {
  integer: 'BIGINT',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamp: 'TIMESTAMPTZ',
  text: 'VARCHAR',
};

/** A script for DuckDB, which reads CSV, also compressed, and Parquet where they lie. Run by the tests on CSV. */
export function duckdb(request: LoadRequest): string[] {
  const table = tableName(request, DIALECT);
  const source = literal(request.destination);
  if (formatOf(request.destination) === 'parquet') {
    return [`CREATE TABLE ${table} AS`, `SELECT * FROM read_parquet(${source});`, completeness(table, request)];
  }
  const columns = sqlColumns(request, DIALECT);
  return [
    ...renamed(columns, DIALECT),
    "SET TimeZone = 'UTC';",
    `CREATE TABLE ${table} AS`,
    'SELECT',
    casts(columns, (id, type) => `TRY_CAST(${id} AS ${TYPES[type]})`),
    `FROM read_csv(${source},`,
    `  auto_detect = false, header = true, delim = ',', quote = '"', escape = '"',`,
    // Unquoted, it is Marketo's spelling of an empty value; quoted, it is a text.
    "  nullstr = 'null', allow_quoted_nulls = false,",
    '  columns = {',
    columns.map(({ id }) => `    ${id}: 'VARCHAR'`).join(',\n'),
    '  });',
    completeness(table, request),
  ];
}
