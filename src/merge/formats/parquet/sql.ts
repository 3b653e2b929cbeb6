import type { ColumnType } from '../../../contract/columns.js';
import type { ParquetColumns } from './columns.js';
import type { ConverterRequest } from './converter.js';

const MEBIBYTE = 1024 * 1024;

/** Bytes of CSV that make a row group, on average: DuckDB holds one of them at a time, a few times over. */
const ROW_GROUP_BYTES = 12 * MEBIBYTE;

/** Rows that DuckDB handles at once: a row group has a multiple of these. */
const VECTOR_ROWS = 2048;
const MOST_ROW_GROUP_ROWS = 60 * VECTOR_ROWS;

const STDIN = '/dev/stdin';
const STDOUT = '/dev/stdout';

/** Longest row, and what is read at once. DuckDB holds a few of these. */
const READ_BYTES = 16 * MEBIBYTE;

/** A CSV file and what becomes of it. */
export interface Conversion extends ParquetColumns {
  readonly lineEnd: string;
  /** Size of the CSV, and its rows without the header. */
  readonly bytes: number;
  readonly rows: number;
  /** What stands in the file's metadata, as key and value. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Values of a type as Marketo writes them. DuckDB's own casts take more than that, such as ` 5 `, `5.7` for an integer, `t`,
 * `2020/1/1` and times without a zone, and round or guess: only what has one of these forms is cast at all.
 */
const FORMS = {
  /** `5.0`, as scores are written, is 5. */
  integer: String.raw`^(0|-?[1-9][0-9]*)(?:\.0+)?$`,
  double: String.raw`^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$`,
  /** From the year 1 on: there is no year 0. */
  date: String.raw`^(?:000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})-[0-9]{2}-[0-9]{2}$`,
  /** With a zone, and to the microsecond at most, which is what Parquet's type holds. */
  timestamp: String.raw`^(?:000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?(?:Z|[+-](?:0[0-9]|1[0-5]):?[0-5][0-9])$`,
};

/** Significant digits that a double can tell apart (IEEE 754: 17 for binary64), and its least number of full precision. */
const DOUBLE_DIGITS = 17;
const LEAST_DOUBLE = '2.2250738585072014e-308';

/** What a text reads as; NULL for what has none of the forms of its type, or is out of its range. */
const CASTS: Readonly<Record<ColumnType, (text: string) => string>> = {
  text: (text) => text,
  integer: (text) => `TRY_CAST(regexp_extract(${text}, ${literal(FORMS.integer)}, 1) AS BIGINT)`,
  boolean: (text) => `CASE WHEN ${text} IN ('true', '1') THEN true WHEN ${text} IN ('false', '0') THEN false END`,
  date: (text) => `CASE WHEN regexp_matches(${text}, ${literal(FORMS.date)}) THEN TRY_CAST(${text} AS DATE) END`,
  timestamp: (text) =>
    `CASE WHEN regexp_matches(${text}, ${literal(FORMS.timestamp)}) THEN TRY_CAST(${text} AS TIMESTAMPTZ) END`,
  double: (text) => {
    const digits = `trim(replace(regexp_extract(${text}, '[0-9.]+'), '.', ''), '0')`;
    const value = `TRY_CAST(${text} AS DOUBLE)`;
    const exact = `length(${digits}) <= ${DOUBLE_DIGITS} AND isfinite(${value}) AND (abs(${value}) >= ${LEAST_DOUBLE} OR ${digits} = '')`;
    return `CASE WHEN regexp_matches(${text}, ${literal(FORMS.double)}) AND ${exact} THEN ${value} END`;
  },
};

/**
 * What DuckDB runs to convert the CSV on its stdin to Parquet on its stdout: by itself, with bounded memory. It fetches no
 * extension, opens nothing else, and writes no file beside.
 */
export function requestFor(conversion: Conversion): ConverterRequest {
  return {
    settings: {
      threads: '1',
      memory_limit: `${Math.ceil(memoryBytes(conversion) / MEBIBYTE)}MiB`,
      temp_directory: '',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
    },
    statements: [
      "SET TimeZone = 'UTC'",
      `SET allowed_paths = [${literal(STDIN)}, ${literal(STDOUT)}]`,
      'SET enable_external_access = false',
      'SET lock_configuration = true',
      copyStatement(conversion, STDIN, STDOUT),
    ],
  };
}

/**
 * Most memory that DuckDB may use. It reserves blocks for each column that it hardly fills: measured, 600 columns need a limit
 * of 600 MB and take 280 MB. Rows that are so long that {@link VECTOR_ROWS} of them are more than a row group need more.
 */
function memoryBytes({ columns, bytes, rows }: Conversion): number {
  const vectorBytes = (bytes / Math.max(1, rows)) * VECTOR_ROWS;
  return 256 * MEBIBYTE + columns.length * MEBIBYTE + 6 * Math.max(0, vectorBytes - ROW_GROUP_BYTES);
}

/**
 * The statement that makes a Parquet file of a CSV file that every reader of RFC 4180 can read. An unquoted `null` is NULL;
 * `"null"` and nothing at all are text. What does not read as its column's type is NULL there and stands as text in the last
 * column, in a JSON object by column name; that is NULL for all other rows.
 */
export function copyStatement(conversion: Conversion, from: string, to: string): string {
  const { columns, uncast, metadata } = conversion;
  const typed = columns.map(({ name, type }, index) => ({ name, type, text: `c${index}`, value: `v${index}` }));
  const others = typed.filter(({ type }) => type !== 'text');
  const kept = others.map(
    ({ name, text, value }) =>
      `CASE WHEN ${text} IS NOT NULL AND ${value} IS NULL THEN ${literal(`${JSON.stringify(name)}:`)} || to_json(${text})::VARCHAR END`,
  );
  const object = `'{' || nullif(concat_ws(',', ${['NULL', ...kept].join(', ')}), '') || '}'`;
  return `COPY (
  SELECT ${typed.map(({ name, type, text, value }) => `${type === 'text' ? text : value} AS ${identifier(name)}`).join(', ')}, ${object} AS ${identifier(uncast)}
  FROM (SELECT *, ${['NULL', ...others.map(({ type, text, value }) => `${CASTS[type](text)} AS ${value}`)].join(', ')}
    FROM ${readCsv(conversion, from)}))
TO ${literal(to)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroupRows(conversion)}, KV_METADATA {${Object.entries(
    metadata,
  )
    .map(([key, value]) => `${literal(key)}: ${literal(value)}`)
    .join(', ')}})`;
}

function readCsv({ columns, lineEnd }: Conversion, from: string): string {
  const names = columns.map((_, index) => `c${index}: 'VARCHAR'`).join(', ');
  return `read_csv(${literal(from)}, auto_detect = false, header = true, columns = {${names}},
      delim = ',', quote = '"', escape = '"', new_line = ${lineEnd === '\n' ? String.raw`'\n'` : String.raw`'\r\n'`},
      nullstr = 'null', allow_quoted_nulls = false,
      max_line_size = ${READ_BYTES}, buffer_size = ${READ_BYTES})`;
}

/** So many rows that memory stays the same, whatever the length of rows. */
function rowGroupRows({ bytes, rows }: Conversion): number {
  const vectors = Math.floor((ROW_GROUP_BYTES * rows) / (bytes * VECTOR_ROWS));
  return Math.min(MOST_ROW_GROUP_ROWS, Math.max(1, vectors) * VECTOR_ROWS);
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
