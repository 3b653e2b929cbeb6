import { formatOf } from '../contract/format.js';
import type { ColumnType } from '../contract/columns.js';
import { type LoadRequest } from './load-request.js';
import { casts, completeness, definitions, literal, renamed, sqlColumns, tableName, type Dialect } from './sql.js';

/** At most 300 characters; case does not tell names apart (BigQuery: Specifying a schema, Column names). */
const DIALECT: Dialect = { names: { maxBytes: 300, plain: true }, quote: (name) => `\`${name.replaceAll('`', '')}\`` };

const TYPES: Readonly<Record<ColumnType, string>> = {
  integer: 'INT64',
  double: 'FLOAT64',
  boolean: 'BOOL',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  text: 'STRING',
};

/**
 * Statements for BigQuery, by its documents (LOAD DATA). Unset, NUL and other control characters would be refused, and so would
 * line breaks within values.
 */
export function bigquery(request: LoadRequest): string[] {
  const table = tableName(request, DIALECT);
  const uri = literal(request.destination.replace(/^s3:/, 'gs:')).replaceAll("''", "\\'");
  const heading = [
    '-- BigQuery loads from Cloud Storage: copy the object there, unless it is where it lies, and set the URI.',
    '-- The name of the table begins with its dataset.',
  ];
  if (formatOf(request.destination) === 'parquet') {
    return [
      ...heading,
      `LOAD DATA INTO ${table}`,
      `FROM FILES (format = 'PARQUET', uris = [${uri}]);`,
      completeness(table, request),
    ];
  }
  const columns = sqlColumns(request, DIALECT);
  const texts = tableName(request, DIALECT, '_text');
  return [
    ...heading,
    ...renamed(columns, DIALECT),
    `LOAD DATA INTO ${texts} (`,
    definitions(columns, () => TYPES.text),
    ')',
    `FROM FILES (format = 'CSV', uris = [${uri}], encoding = 'UTF-8', field_delimiter = ',', quote = '"',`,
    "  skip_leading_rows = 1, allow_quoted_newlines = true, preserve_ascii_control_characters = true, null_marker = 'null');",
    `CREATE TABLE ${table} AS`,
    'SELECT',
    casts(columns, cast),
    `FROM ${texts};`,
    completeness(table, request),
  ];
}

/** A whole number may be written with decimals, as scores are, which INT64 does not take. */
function cast(id: string, type: ColumnType): string {
  return `SAFE_CAST(${type === 'integer' ? `SAFE_CAST(${id} AS NUMERIC)` : id} AS ${TYPES[type]})`;
}
