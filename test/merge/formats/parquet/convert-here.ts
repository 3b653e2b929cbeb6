import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { type Field, columnsOf } from '../../../../src/contract/columns.js';
import { parquetColumns } from '../../../../src/merge/formats/parquet/columns.js';
import { copyStatement, requestFor } from '../../../../src/merge/formats/parquet/sql.js';
import { readParquet } from '../../../helpers/parquet.js';

/** Converts CSV in this process, from file to file, and reads it with another reader. */
export async function convertHere(
  directory: string,
  csv: Buffer,
  described: readonly Field[],
  metadata: Readonly<Record<string, string>> = { 'marketo.fields': '[]' },
): ReturnType<typeof readParquet> {
  const [from, to] = [join(directory, 'in.csv'), join(directory, 'out.parquet')];
  await writeFile(from, csv);
  const [header = ''] = csv.toString().split(/\r?\n/, 1);
  const conversion = {
    ...parquetColumns(columnsOf(header.split(','), described)),
    lineEnd: csv.includes('\r\n') ? '\r\n' : '\n',
    bytes: csv.length,
    rows: csv.toString().split('\n').length,
    metadata,
  };
  const instance = await DuckDBInstance.create(':memory:', { ...requestFor(conversion).settings });
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    await connection.run(copyStatement(conversion, from, to));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  return readParquet(await readFile(to));
}
