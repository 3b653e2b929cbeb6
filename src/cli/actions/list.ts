import { noRuns, secondsTaken, standing, type ListedRun } from '../../runs/listed-run.js';
import { oneLine } from '../../text/clean.js';
import { duration, moment, plural } from '../../text/format.js';
import { EXIT, type ExitCode } from '../exit.js';
import { listRuns } from '../list-runs.js';
import type { OutputOptions } from '../run-options.js';
import { withTemporal } from '../temporal.js';
import { answer, type Terminal } from '../terminal.js';

export interface ListOptions extends OutputOptions {
  readonly limit: number;
}

/** Lists runs, whoever started them. */
export function list(options: ListOptions, terminal: Terminal): Promise<ExitCode> {
  return withTemporal(terminal, async (temporal) => {
    const runs = await listRuns(temporal, options.limit);
    const lines =
      runs.length === 0
        ? noRuns(temporal.address, terminal.command)
        : runs.flatMap((run) => describeRun(run, Date.now()));
    answer(terminal, options, { name: 'runs', what: { runs }, lines });
    return EXIT.done;
  });
}

/** A run on two lines: what and how, then its id, which other commands take. */
function describeRun(run: ListedRun, now: number): string[] {
  const { workflowId, destination, mode, leads, startedAt, endedAt } = run;
  const took = duration(secondsTaken(run, now));
  const facts = [
    standing(run),
    leads === undefined ? undefined : plural(leads, 'lead'),
    `started ${moment(startedAt)}`,
    endedAt === undefined ? `for ${took}` : `took ${took}`,
    mode === 'update' ? 'update' : undefined,
  ];
  return [
    `${oneLine(destination ?? 'unknown destination')} · ${facts.filter((fact) => fact !== undefined).join(' · ')}`,
    `  ${oneLine(workflowId)}`,
  ];
}
