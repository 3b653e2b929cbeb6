// Converts the CSV on its stdin to Parquet on its stdout: a process of its own, so that whatever becomes of it, the worker
// lives. Both must be pipes. It is told by a message what to run, and answers when all is written.
import type { ConverterAnswer, ConverterRequest } from './converter.js';

process.once('disconnect', () => {
  // There is nobody any more to take what it makes.
  process.exit(1);
});
process.once('message', (request) => {
  void run(request as ConverterRequest).then((answer) => {
    process.send?.(answer, () => process.exit());
  });
});

async function run({ settings, statements }: ConverterRequest): Promise<ConverterAnswer> {
  const duckdb = await import('@duckdb/node-api').catch(() => undefined);
  if (!duckdb) return { outcome: 'missing' };
  try {
    const instance = await duckdb.DuckDBInstance.create(':memory:', { ...settings });
    const connection = await instance.connect();
    for (const statement of statements) await connection.run(statement);
    return { outcome: 'done' };
  } catch (error) {
    return outcomeOf(error instanceof Error ? error.message : '');
  }
}

/** The kind of an error, or the row that it is about. No more: DuckDB's messages quote the row. */
function outcomeOf(message: string): ConverterAnswer {
  // DuckDB says line, and counts rows.
  const [, row] = /\bCSV Error on Line: (\d+)/.exec(message) ?? [];
  if (row !== undefined) return { outcome: 'unreadable', row: Number(row) };
  const [, problem = 'an error of no known kind'] = /^([A-Z][A-Za-z ]{0,40}? Error)\b/.exec(message) ?? [];
  return { outcome: 'failed', problem };
}
