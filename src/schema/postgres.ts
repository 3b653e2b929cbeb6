import { formatOf } from '../contract/format.js';
import type { ColumnType } from '../contract/columns.js';
import { NotLoadableError, type LoadRequest } from './load-request.js';
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

/** NAMEDATALEN is 64, the last byte of which is a NUL (PostgreSQL: Identifiers and Key Words). */
const DIALECT: Dialect = { names: { maxBytes: 63 }, quote: doubleQuoted };

const TYPES: Readonly<Record<ColumnType, string>> = {
  integer: 'bigint',
  double: 'double precision',
  boolean: 'boolean',
  date: 'date',
  timestamp: 'timestamptz',
  text: 'text',
};

/** A whole number may be written with decimals, as scores are. */
const VALUE: Partial<Record<ColumnType, string>> = { integer: 'value::numeric' };

/**
 * A script for psql. COPY stops at the first value that is not of its column's type, so the rows are copied as texts; and before
 * PostgreSQL 16 only a function can tell whether a text can be cast. No text of PostgreSQL holds a NUL character: they are left out.
 * Run by the tests.
 *
 * @throws NotLoadableError for Parquet, which PostgreSQL does not read
 */
export function postgres(request: LoadRequest): string[] {
  if (formatOf(request.destination) === 'parquet') {
    throw new NotLoadableError(
      'PostgreSQL does not read Parquet. Make the output CSV, by a destination that ends in .csv or .csv.gz, or load it with DuckDB, which can write to PostgreSQL.',
    );
  }
  const columns = sqlColumns(request, DIALECT);
  const table = tableName(request, DIALECT);
  const texts = tableName(request, DIALECT, '_text');
  const functions = [...new Set(columns.map(({ type }) => type))].filter((type) => type !== 'text').map(tryCast);
  return [
    '-- For psql, on a machine with the command line of AWS.',
    ...renamed(columns, DIALECT),
    '\\set ON_ERROR_STOP on',
    "SET TimeZone = 'UTC';",
    `CREATE TABLE ${texts} (`,
    definitions(columns, () => TYPES.text),
    ');',
    // psql takes this command by the line.
    `\\copy ${texts} FROM PROGRAM ${literal(download(request.destination))} WITH (FORMAT csv, HEADER true, NULL 'null', ENCODING 'UTF8')`,
    ...functions,
    `CREATE TABLE ${table} AS`,
    'SELECT',
    casts(columns, (id, type) => `${functionName(type)}(${id})`),
    `FROM ${texts};`,
    completeness(table, request),
  ];
}

function download(destination: string): string {
  const unpack = formatOf(destination) === 'gzip' ? ' | gunzip' : '';
  return `aws s3 cp ${shellQuoted(destination)} -${unpack} | tr -d '\\000'`;
}

function shellQuoted(text: string): string {
  return /^[\w./:=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function functionName(type: ColumnType): string {
  return `pg_temp.try_${type}`;
}

function tryCast(type: ColumnType): string {
  const cast = `${VALUE[type] ?? 'value'}::${TYPES[type]}`;
  return [
    `CREATE FUNCTION ${functionName(type)}(value text) RETURNS ${TYPES[type]} LANGUAGE plpgsql AS $$`,
    // NaN has no whole number: that is no data_exception to PostgreSQL.
    `BEGIN RETURN ${cast}; EXCEPTION WHEN data_exception OR feature_not_supported THEN RETURN NULL; END $$;`,
  ].join('\n');
}
