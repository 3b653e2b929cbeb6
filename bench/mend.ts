import type { Window } from '../src/contract/windows.js';
import { IdSet } from '../src/csv/id-set.js';
import { RecordScanner } from '../src/csv/record-scanner.js';
import { mendPart } from '../src/merge/mend-part.js';
import type { PartContext } from '../src/merge/read-part.js';
import { writeRows } from '../src/merge/write-rows.js';
import { preparePart } from '../test/fixtures/parts.js';
import { Rows } from '../test/fixtures/rows.js';
import type { PlanRecord } from '../src/plan/plan-record.js';
import type { Outcome, Table } from './benchmark.js';
import { interleave, median, medianRatio, runsOf, seconds } from './measure.js';

const MENDED = 'rows quoted anew';
const STREAMED = 'streamed as it is';

/** A part of which one row in a hundred has quotes that are not doubled: quoting these anew, against streaming it unchanged. */
export async function mending(
  context: PartContext,
  plan: PlanRecord,
  window: Window,
  { bytes, runs, say }: { readonly bytes: number; readonly runs: number; readonly say: (line: string) => void },
): Promise<{ readonly table: Table; readonly gate: Outcome['gates'][number] }> {
  const rows = new Rows({ strayQuotes: true });
  const records = rows.recordsIn(bytes);
  const { part } = await preparePart(context.store, context.run, plan, window, rows, { records, first: 0, step: 1 });
  if (!part) throw new Error('There is no part');
  const unreadableRecords = unreadableIn(rows, records);
  const seen = new IdSet();
  const contenders = [
    {
      name: MENDED,
      run: () =>
        seconds(() =>
          mendPart(context, { ...part, unreadableRecords }, `${part.key}.rows`, {
            seen,
            foretold: { kept: records, dropped: 0 },
            lineEnd: '\n',
          }),
        ),
    },
    {
      name: STREAMED,
      run: () =>
        seconds(() =>
          writeRows(
            context,
            part,
            `${part.key}.rows`,
            (source) => ({ bytes: source, counts: undefined }),
            () => undefined,
          ),
        ),
    },
  ];
  const results = await interleave(contenders, runs, say);
  seen.dispose();
  const [mended, streamed] = [runsOf(results, MENDED), runsOf(results, STREAMED)];
  const row = (name: string, times: readonly number[]): (string | number)[] => [
    name,
    median(times),
    part.bytes / 1e6 / median(times),
  ];
  return {
    table: {
      title: `A part of ${(part.bytes / 1e6).toFixed(0)} MB, ${((100 * unreadableRecords) / records).toFixed(1)} % of its rows to be quoted anew (median)`,
      columns: ['contender', 'seconds', 'MB/s'],
      rows: [row(MENDED, mended), row(STREAMED, streamed)],
    },
    gate: { what: 'streaming ÷ mending', value: medianRatio(streamed, mended), limit: 0.7, kind: 'at least' },
  };
}

function unreadableIn(rows: Rows, records: number): number {
  const scanner = new RecordScanner({ findUnreadable: true, onRecord: () => undefined });
  scanner.push(rows.header);
  for (const chunk of rows.chunks(records, 0)) scanner.push(chunk);
  return scanner.end().unreadableRecords ?? 0;
}
