// `npm run bench [-- --quick] [-- --only NAME] [-- --out DIRECTORY]`: what is measured, and against what.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../scripts/root.js';
import type { Server } from '../scripts/servers/index.js';
import { isMet, type Benchmark } from './benchmark.js';
import { machine } from './machine.js';
import { reportText, writeReport } from './report.js';
import { memory } from './memory.js';
import { merge } from './merge.js';
import { parquet } from './parquet.js';
import { scanner } from './scanner.js';
import { transfer } from './transfer.js';
import { wallClock } from './wall-clock.js';
import { windows } from './windows.js';

const BENCHMARKS: readonly Benchmark[] = [scanner, transfer, merge, parquet, memory, windows, wallClock];

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    out: { type: 'string' },
  },
});
// Of use to developers of this project, not to whoever measures it.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
// What runs is stopped by its leash when this process ends.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const unknown = options.only?.filter((name) => !BENCHMARKS.some((benchmark) => benchmark.name === name)) ?? [];
if (unknown.length > 0) {
  say(`There is no benchmark ${unknown.join(', ')}; there are ${BENCHMARKS.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

let missed = 0;
for (const benchmark of BENCHMARKS) {
  if (options.only?.includes(benchmark.name) === false) continue;
  say(`\n=== ${benchmark.name}`);
  missed += await measure(benchmark);
}
if (missed > 0 && !options.quick) say(`\n${missed} gates missed`);
process.exit(missed > 0 && !options.quick ? 1 : 0);

/** Runs a benchmark and reports it; returns the number of gates it missed. Quick runs are not kept: they measure nothing. */
async function measure({ name, run }: Benchmark): Promise<number> {
  const servers: Pick<Server, 'stop'>[] = [];
  const scratch = await mkdtemp(join(tmpdir(), `bench-${name}-`));
  try {
    const outcome = await run({
      quick: options.quick,
      scratch,
      say: (line) => {
        say(`  ${line}`);
      },
      keep: async (starting) => {
        const server = await starting;
        servers.push(server);
        return server;
      },
    });
    const report = { benchmark: name, measuredAt: new Date().toISOString(), machine: machine(), ...outcome };
    say(`\n${reportText(report)}`);
    const directory = options.out ?? (options.quick ? undefined : join(ROOT, 'docs/benchmarks'));
    if (directory !== undefined) await writeReport(directory, report);
    return outcome.gates.filter((gate) => !isMet(gate)).length;
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    await rm(scratch, { recursive: true, force: true });
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
