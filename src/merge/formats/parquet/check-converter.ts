import { RunFailure } from '../../../contract/failures.js';
import { columnsOf } from '../../../contract/columns.js';
import { parquetColumns } from './columns.js';
import { convert, ConverterMissingError } from './converter.js';
import { requestFor } from './sql.js';

const CSV = Buffer.from('id\n1\n');

/**
 * Tries the converter once, on a file of one row.
 *
 * @throws RunFailure `InvalidInput` saying what to install, where this worker cannot make Parquet
 */
export async function checkConverter(signal: AbortSignal, path?: string): Promise<void> {
  const columns = parquetColumns(columnsOf(['id'], []));
  const request = requestFor({
    ...columns,
    lineEnd: '\n',
    bytes: CSV.length,
    rows: 1,
    metadata: { 'marketo.fields': '[]' },
  });
  const source = (async function* () {
    yield await Promise.resolve(CSV);
  })();
  try {
    await convert({ path, request, source, signal }, async (made) => {
      let bytes = 0;
      for await (const chunk of made) bytes += chunk.length;
      return bytes;
    });
  } catch (error) {
    if (!(error instanceof ConverterMissingError)) throw error;
    throw new RunFailure('InvalidInput', `destination: ${error.message}`);
  }
}
