import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROOT } from '../../../../scripts/root.js';
import { IdSet } from '../../../../src/csv/id-set.js';
import { readBack, type ReaderAnswer } from '../../../../src/merge/formats/parquet/reader.js';
import { convertHere } from './convert-here.js';

const PROGRAM = join(ROOT, 'lib/src/merge/formats/parquet/reader-child.js');

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'reader-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** A Parquet file of ids and dates. */
async function parquetOf(csv: string): Promise<Buffer> {
  await convertHere(directory, Buffer.from(csv), [{ name: 'born', dataType: 'date' }]);
  return readFile(join(directory, 'out.parquet'));
}

/** Reads bytes back, each slice after another time. */
function read(bytes: Buffer, path = PROGRAM, signal = new AbortController().signal): Promise<ReaderAnswer> {
  return readBack({ path, request: { bytes: bytes.length, uncast: '_uncast' }, signal }, async (start, end) => {
    await sleep(start % 3);
    return bytes.subarray(start, end);
  });
}

describe('the reader of Parquet', () => {
  it('tells rows, columns, ids and what was kept as text', async () => {
    const file = await parquetOf('id,born\n1,2020-01-01\n4294967297,soon\n');
    const answer = await read(file);
    if (answer.outcome !== 'read') throw new Error(answer.outcome);
    expect(answer).toMatchObject({ rows: 2, columns: ['id', 'born', '_uncast'], uncast: { born: 1 } });
    const ids = IdSet.deserialize(Buffer.from(answer.ids));
    expect([ids.cardinality, ids.has(0, 1), ids.has(1, 1)]).toEqual([2, true, true]);
    ids.dispose();
  });

  it('says of other bytes that it cannot read them, and of an id that comes twice that it does', async () => {
    expect(await read(Buffer.alloc(1000))).toEqual({ outcome: 'unreadable' });
    expect(await read(await parquetOf('id,born\n7,null\n7,null\n'))).toEqual({ outcome: 'twice' });
    expect(await read(await parquetOf('id,born\n7,null\nnull,null\n'))).toEqual({ outcome: 'withoutId' });
  });

  it('is tried again where it ends before it is through', async () => {
    const dying = join(directory, 'dying.mjs');
    await writeFile(dying, `process.once('message', () => process.kill(process.pid, 'SIGKILL'));`);
    await expect(read(Buffer.alloc(10), dying)).rejects.toMatchObject({ name: 'ConverterError' });
    await expect(read(Buffer.alloc(10), join(directory, 'none.js'))).rejects.toMatchObject({ name: 'ConverterError' });
  });

  it('ends with who asked it to, and passes on why a slice cannot be had', async () => {
    const waiting = join(directory, 'waiting.mjs');
    await writeFile(waiting, `process.on('message', () => undefined);`);
    const cancelled = new AbortController();
    const reading = read(Buffer.alloc(10), waiting, cancelled.signal);
    setTimeout(() => {
      cancelled.abort(new Error('cancelled'));
    }, 200);
    await expect(reading).rejects.toThrow('cancelled');
    const { signal } = new AbortController();
    const request = { bytes: 1000, uncast: '_uncast' };
    const gone = readBack({ path: PROGRAM, request, signal }, () => Promise.reject(new Error('it is gone')));
    await expect(gone).rejects.toThrow('it is gone');
  });
});
