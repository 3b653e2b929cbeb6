import { formatOf } from '../contract/format.js';
import type { ColumnType } from '../contract/columns.js';
import { UNCAST, type LoadRequest } from './load-request.js';
import {
  casts,
  completeness,
  definitions,
  doubleQuoted,
  literal,
  renamed,
  sqlColumns,
  tableName,
  type Dialect,
} from './sql.js';

/** 127 bytes; case does not tell names apart, quoted or not (Amazon Redshift: Names and identifiers). */
const DIALECT: Dialect = { names: { maxBytes: 127 }, quote: doubleQuoted };

/** A text is at most 65,535 bytes long: a longer one stops the load, and is not cut. */
const TYPES: Readonly<Record<ColumnType, string>> = {
  integer: 'BIGINT',
  double: 'DOUBLE PRECISION',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamp: 'TIMESTAMPTZ',
  text: 'VARCHAR(65535)',
};

/** Statements for Amazon Redshift, by its documents (COPY, COPY from columnar data formats, TRY_CAST). */
export function redshift(request: LoadRequest): string[] {
  const columns = sqlColumns(request, DIALECT);
  const table = tableName(request, DIALECT);
  const storage = formatOf(request.destination);
  const heading = [
    '-- COPY takes every object whose key begins like this one: none but the output may.',
    ...renamed(columns, DIALECT),
  ];
  if (storage === 'parquet') {
    return [
      ...heading,
      // Columns are matched by their place. Moments come as TIMESTAMP, in UTC.
      `CREATE TABLE ${table} (`,
      `${definitions(columns, (type) => (type === 'timestamp' ? 'TIMESTAMP' : TYPES[type]))},`,
      `  ${doubleQuoted(UNCAST)} ${TYPES.text}`,
      ');',
      `COPY ${table} FROM ${literal(request.destination)} IAM_ROLE default FORMAT AS PARQUET;`,
      completeness(table, request),
    ];
  }
  const texts = tableName(request, DIALECT, '_text');
  return [
    ...heading,
    `CREATE TABLE ${texts} (`,
    definitions(columns, () => TYPES.text),
    ');',
    `COPY ${texts} FROM ${literal(request.destination)} IAM_ROLE default`,
    `FORMAT AS CSV QUOTE AS '"' IGNOREHEADER 1 NULL AS 'null' ENCODING UTF8${storage === 'gzip' ? ' GZIP' : ''};`,
    `CREATE TABLE ${table} AS`,
    'SELECT',
    casts(columns, cast),
    `FROM ${texts};`,
    completeness(table, request),
  ];
}

/** TRY_CAST takes no empty text, and makes no boolean of a text. A whole number may be written with decimals, as scores are. */
function cast(id: string, type: ColumnType): string {
  if (type === 'boolean') return `CASE LOWER(${id}) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END`;
  const text = `NULLIF(${id}, '')`;
  return `TRY_CAST(${type === 'integer' ? `TRY_CAST(${text} AS DECIMAL(38, 9))` : text} AS ${TYPES[type]})`;
}
