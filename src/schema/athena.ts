import { formatOf } from '../contract/format.js';
import type { ColumnType } from '../contract/columns.js';
import { NotLoadableError, UNCAST, type LoadRequest } from './load-request.js';
import {
  completeness,
  definitions,
  doubleQuoted,
  literal,
  renamed,
  sqlColumns,
  tableName,
  type Dialect,
} from './sql.js';

/** At most 255 bytes, of lower-case letters, digits and `_` (Amazon Athena: Name databases, tables, and columns). */
const DIALECT: Dialect = {
  names: { maxBytes: 255, plain: true },
  quote: (name) => `\`${name.replaceAll('`', '').toLowerCase()}\``,
};

const TYPES: Readonly<Record<ColumnType, string>> = {
  integer: 'bigint',
  double: 'double',
  boolean: 'boolean',
  date: 'date',
  timestamp: 'timestamp',
  text: 'string',
};

/**
 * Statements for Amazon Athena, by its documents (CREATE TABLE, Handle schema updates): columns are found by their place, since
 * their names in a table are in lower case.
 *
 * @throws NotLoadableError for CSV: "Open CSV SerDe does not support embedded line breaks in CSV files" (Athena's documents)
 */
export function athena(request: LoadRequest): string[] {
  if (formatOf(request.destination) !== 'parquet') {
    throw new NotLoadableError(
      "Athena's reader of CSV breaks rows at line breaks within values, which leads may have. Make the output Parquet, by a destination that ends in .parquet.",
    );
  }
  const columns = sqlColumns(request, DIALECT);
  const { destination, table } = request;
  return [
    '-- Athena reads every object of a folder: none but the output may lie there. What lies under names with _ it passes over.',
    ...renamed(columns, DIALECT),
    `CREATE EXTERNAL TABLE ${tableName(request, DIALECT)} (`,
    `${definitions(columns, (type) => TYPES[type])},`,
    `  \`${UNCAST}\` string`,
    ')',
    "ROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'",
    "WITH SERDEPROPERTIES ('parquet.column.index.access' = 'true')",
    "STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat'",
    "OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat'",
    `LOCATION ${literal(destination.slice(0, destination.lastIndexOf('/') + 1))};`,
    completeness(tableName({ table: table.toLowerCase() }, { quote: doubleQuoted }), request),
  ];
}
