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

/** 255 characters (Snowflake: Object identifiers); quoted names keep their case. */
const DIALECT: Dialect = { names: { maxBytes: 255 }, quote: doubleQuoted };

/** A moment is TIMESTAMP_LTZ, in Parquet too where the file says that it is in UTC. VARCHAR is as long as Snowflake has it. */
const TYPES: Readonly<Record<ColumnType, string>> = {
  integer: 'NUMBER(38, 0)',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamp: 'TIMESTAMP_LTZ',
  text: 'VARCHAR',
};

/**
 * Statements for Snowflake, by its documents (CREATE FILE FORMAT, COPY INTO <table>). Unset, a backslash in a value would be an
 * escape, and an empty value NULL. NULL_IF takes a quoted `null` for NULL too.
 */
export function snowflake(request: LoadRequest): string[] {
  const columns = sqlColumns(request, DIALECT);
  const table = tableName(request, DIALECT);
  const storage = formatOf(request.destination);
  const lastSlash = request.destination.lastIndexOf('/') + 1;
  const from = [
    `FROM ${literal(request.destination.slice(0, lastSlash))}`,
    'STORAGE_INTEGRATION = my_integration',
    `FILES = (${literal(request.destination.slice(lastSlash))})`,
  ];
  const heading = ['-- Put the name of your storage integration in the place of my_integration.'];
  if (storage === 'parquet') {
    return [
      ...heading,
      ...renamed(columns, DIALECT),
      `CREATE TABLE ${table} (`,
      `${definitions(columns, (type) => TYPES[type])},`,
      `  ${doubleQuoted(UNCAST)} VARCHAR`,
      ');',
      `COPY INTO ${table}`,
      ...from,
      'FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE)',
      'MATCH_BY_COLUMN_NAME = CASE_SENSITIVE',
      'ON_ERROR = ABORT_STATEMENT;',
      completeness(table, request),
    ];
  }
  const texts = tableName(request, DIALECT, '_text');
  return [
    ...heading,
    ...renamed(columns, DIALECT),
    "ALTER SESSION SET TIMEZONE = 'UTC';",
    `CREATE TABLE ${texts} (`,
    definitions(columns, () => TYPES.text),
    ');',
    `COPY INTO ${texts}`,
    ...from,
    `FILE_FORMAT = (TYPE = CSV COMPRESSION = ${storage === 'gzip' ? 'GZIP' : 'NONE'} ENCODING = 'UTF8'`,
    `  FIELD_DELIMITER = ',' FIELD_OPTIONALLY_ENCLOSED_BY = '"' SKIP_HEADER = 1 MULTI_LINE = TRUE TRIM_SPACE = FALSE`,
    "  ESCAPE = NONE ESCAPE_UNENCLOSED_FIELD = NONE NULL_IF = ('null') EMPTY_FIELD_AS_NULL = FALSE)",
    'ON_ERROR = ABORT_STATEMENT;',
    `CREATE TABLE ${table} AS`,
    'SELECT',
    casts(columns, (id, type) => `TRY_CAST(${id} AS ${TYPES[type]})`),
    `FROM ${texts};`,
    completeness(table, request),
  ];
}
