import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { IdSet } from '../src/csv/id-set.js';
import { RecordScanner } from '../src/csv/record-scanner.js';
import { crc32 } from '../src/bytes/crc32.js';
import type { Table } from './benchmark.js';
import type { PreparedFile } from './files.js';
import { interleave, median, seconds } from './measure.js';

const CHUNK_BYTES = 64 * 1024;

/** What each thing that is done to the bytes costs by itself, in the memory of this process. */
export async function stepsTable({ path, bytes }: PreparedFile, runs: number): Promise<Table> {
  const file = await readFile(path);
  const chunks: Buffer[] = [];
  for (let start = 0; start < file.length; start += CHUNK_BYTES) chunks.push(file.subarray(start, start + CHUNK_BYTES));
  const steps: Record<string, () => void> = {
    'copy into the buffer of a part': () => {
      const buffer = Buffer.allocUnsafeSlow(8 * 1024 * 1024);
      for (const [index, chunk] of chunks.entries()) chunk.copy(buffer, (index % 128) * CHUNK_BYTES);
    },
    'CRC-32 (zlib), done twice: of the body, and of each part': () => {
      let crc = 0;
      for (const chunk of chunks) crc = crc32(chunk, crc);
    },
    'SHA-256 (OpenSSL)': () => {
      const hash = createHash('sha256');
      for (const chunk of chunks) hash.update(chunk);
      hash.digest();
    },
    'records and ids, into the set': () => {
      const ids = new IdSet();
      const scanner = new RecordScanner({ onRecord: (high, low) => void ids.add(high, low) });
      for (const chunk of chunks) scanner.push(chunk);
      scanner.end();
      ids.dispose();
    },
  };
  const contenders = Object.entries(steps).map(([name, step]) => ({ name, run: () => seconds(step) }));
  const results = await interleave(contenders, runs, () => undefined);
  return {
    title: 'CPU of the steps, each alone over the file in memory',
    columns: ['step', 'MB/s', 'ms per 100 MB'],
    rows: [...results].map(([name, times]) => {
      const megabytesPerSecond = bytes / 1e6 / median(times);
      return [name, megabytesPerSecond, 100_000 / megabytesPerSecond];
    }),
  };
}
