import { defined } from '../../contract/defined.js';
import { windowsOf } from '../../contract/windows.js';
import { createMarketoClient } from '../../marketo/client.js';
import { draftPlan } from '../../plan/draft-plan.js';
import { explain, marketoSettings } from '../environment.js';
import { CommandError, EXIT, type ExitCode } from '../exit.js';
import { cut, oneLine } from '../../text/clean.js';
import { count, duration, moment, plural } from '../../text/format.js';
import { inputFrom, type InputOptions } from '../input-options.js';
import type { OutputOptions } from '../run-options.js';
import { answer, type Terminal } from '../terminal.js';

export type PlanOptions = InputOptions & OutputOptions;

/** What a run would do, found out without spending an export job. */
interface Forecast {
  /** Host of the Marketo instance. */
  readonly instance: string;
  readonly startAt: string;
  readonly endAt: string;
  readonly fields: readonly string[];
  /** Windows, which is export jobs unless one has to be made again. */
  readonly windows: number;
  readonly windowDays: number;
  /** Absent where the run may use up the day's quota. */
  readonly megabytesPerDay?: number;
  readonly concurrency: number;
  /** What a run would warn of, and names of fields that only the export itself may know. */
  readonly warnings: readonly string[];
  /** No run can be faster: the status of each job is first asked after the first wait of `poll`. */
  readonly minimumSeconds: number;
}

/** Says what a run would do. */
export async function plan(options: PlanOptions, terminal: Terminal): Promise<ExitCode> {
  const forecast = await makeForecast(options, terminal);
  answer(terminal, options, { name: 'plan', what: forecast, lines: describeForecast(forecast) });
  return EXIT.done;
}

/**
 * Asks Marketo for what a run's plan is made from; creates no job.
 *
 * @throws CommandError naming what is wrong
 */
async function makeForecast(options: InputOptions, terminal: Terminal): Promise<Forecast> {
  const config = marketoSettings(terminal.env);
  // Any destination will do: nothing is written.
  const { request } = await inputFrom({ destination: 's3://bucket/key', ...options }, terminal);
  const client = createMarketoClient({ ...config, env: terminal.env });
  try {
    const draft = await draftPlan(client, request, terminal.interrupted);
    const { instance, startAt, endAt, fields, described } = draft;
    const listed = new Set(described.map(({ name }) => name));
    const unlisted = fields.filter((name) => !listed.has(name));
    const windows = windowsOf(draft).length;
    const { concurrency, poll, windowDays, megabytesPerDay } = request;
    return {
      instance,
      startAt,
      endAt,
      fields,
      windows,
      windowDays,
      ...defined({ megabytesPerDay }),
      concurrency,
      warnings: [
        ...draft.warnings,
        ...unlisted.map(
          (name) =>
            `the instance lists no field ${name}: names mind their case, see ${terminal.command} fields ${name}`,
        ),
      ],
      minimumSeconds: (Math.ceil(windows / concurrency) * poll.initialMilliseconds) / 1000,
    };
  } catch (error) {
    throw new CommandError(explain(error));
  }
}

/** The forecast as plain lines. */
function describeForecast(forecast: Forecast): string[] {
  const { instance, startAt, endAt, fields, windows, windowDays, megabytesPerDay, concurrency, minimumSeconds } =
    forecast;
  return [
    `Instance  ${instance}`,
    `Range     ${moment(startAt)} to ${moment(endAt)}`,
    `Fields    ${count(fields.length)}: ${cut(fields.join(', '), 200)}`,
    `Jobs      ${count(windows)}, one for each window of at most ${plural(windowDays, 'day')}; ${concurrency} at once`,
    ...(megabytesPerDay === undefined
      ? []
      : [
          `Share     at most ${megabytesPerDay} MB a day: each GB of files takes ${plural(Math.ceil(1000 / megabytesPerDay), 'day')}, the first job of a day goes in any case`,
        ]),
    `Time      at least ${duration(minimumSeconds)}: Marketo is asked for each job after the first wait at the earliest,`,
    `          and a job waits for its turn and for the daily quota as long as Marketo lets it`,
    ...forecast.warnings.map((warning) => `Warning   ${oneLine(warning)}`),
  ];
}
