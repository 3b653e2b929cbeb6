import { parse } from 'csv-parse';
import { RecordScanner } from '../src/csv/record-scanner.js';
import type { Bench, Benchmark, Outcome, Table } from './benchmark.js';
import { interleave, median, medianRatio, runsOf, seconds } from './measure.js';
import { fileOf, FIRST_ID, Rows } from '../test/fixtures/rows.js';

/** As large as a chunk that a socket gives. */
const CHUNK_BYTES = 64 * 1024;

const LINE_FEED = 0x0a;

/**
 * The layouts that an export can have: the service asks for `id` first. Rows are checked where a file comes from Marketo: for
 * another number of columns, and for what readers of RFC 4180 cannot read.
 */
const LAYOUTS = [
  { name: 'id first', idColumn: 0, checks: false },
  { name: 'id first, rows checked', idColumn: 0, checks: true },
  { name: 'id sixth', idColumn: 5, checks: false },
] as const;

interface Found {
  readonly count: number;
  /** Sum of the ids: shows that they were read, and which. */
  readonly ids: number;
}

/** Bytes per second of finding every record and its id: the scanner, csv-parse, and the mere search for line ends. */
export const scanner: Benchmark = { name: 'scanner', run };

async function run({ quick, say }: Bench): Promise<Outcome> {
  const bytes = (quick ? 1 : 96) * 1_000_000;
  const runs = quick ? 1 : 5;
  const rows: Table['rows'][number][] = [];
  const ratios: number[] = [];
  let bytesPerRow = 0;
  for (const { name, idColumn, checks } of LAYOUTS) {
    say(name);
    const source = new Rows({ idColumn });
    const records = source.recordsIn(bytes);
    const file = fileOf(source, records);
    bytesPerRow = file.length / records;
    const contenders = [
      {
        name: 'scanner',
        run: () =>
          seconds(() => {
            check(scan(file, checks), records);
          }),
      },
      {
        name: 'csv-parse',
        run: () =>
          seconds(async () => {
            check(await parseAll(file, idColumn), records);
          }),
      },
      { name: 'indexOf', run: () => seconds(() => countLines(file)) },
    ];
    const results = await interleave(contenders, runs, say);
    const [ours, theirs, bound] = ['scanner', 'csv-parse', 'indexOf'].map((contender) => runsOf(results, contender));
    if (!ours || !theirs || !bound) throw new Error('A contender is missing');
    const ratio = medianRatio(theirs, ours);
    ratios.push(ratio);
    const speed = (runsOf: readonly number[]): number => file.length / 1e6 / median(runsOf);
    rows.push([name, speed(ours), speed(theirs), speed(bound), ratio, medianRatio(bound, ours)]);
  }
  return {
    tables: [
      {
        title: 'Finding records and ids, MB/s (median)',
        columns: ['layout', 'scanner', 'csv-parse', 'Buffer.indexOf', '× csv-parse', '× indexOf'],
        rows,
      },
    ],
    gates: [{ what: 'scanner ÷ csv-parse, id first', value: ratios[0] ?? NaN, limit: 15, kind: 'at least' }],
    notes: [
      `${runs} interleaved runs over ${(bytes / 1e6).toFixed(0)} MB in chunks of 64 KiB, ${bytesPerRow.toFixed(0)} bytes a row.`,
      'csv-parse splits the rows and its on_record takes the id without handing records on, which is the quickest that it can be asked for; indexOf only finds each LF.',
    ],
  };
}

function scan(file: Buffer, checks: boolean): Found {
  let ids = 0;
  const records = new RecordScanner({
    findUnreadable: checks,
    countColumns: checks,
    onRecord: (_high, low) => {
      ids += low;
    },
  });
  for (const chunk of chunksOf(file)) records.push(chunk);
  const { records: count } = records.end();
  return { count, ids };
}

async function parseAll(file: Buffer, idColumn: number): Promise<Found> {
  let ids = 0;
  let count = 0;
  const parser = parse({
    from_line: 2,
    on_record: (record: string[]) => {
      ids += Number(record[idColumn]);
      count++;
      return null;
    },
  });
  const done = new Promise<void>((resolve, reject) => {
    parser.on('end', resolve).on('error', reject).resume();
  });
  for (const chunk of chunksOf(file)) {
    if (!parser.write(chunk)) await new Promise((resolve) => parser.once('drain', resolve));
  }
  parser.end();
  await done;
  return { count, ids };
}

function countLines(file: Buffer): number {
  let lines = 0;
  for (const chunk of chunksOf(file)) {
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, at + 1)) lines++;
  }
  return lines;
}

function* chunksOf(file: Buffer): Generator<Buffer> {
  for (let start = 0; start < file.length; start += CHUNK_BYTES) yield file.subarray(start, start + CHUNK_BYTES);
}

/** A contender that finds something else than there is is no contender. */
function check({ count, ids }: Found, records: number): void {
  const wanted = records * FIRST_ID + (records * (records - 1)) / 2;
  if (count !== records || ids !== wanted) throw new Error(`${count} records were found where there are ${records}`);
}
