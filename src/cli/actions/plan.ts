import { defined } from '../../contract/defined.js';
import type { ExtractRequest, Mode } from '../../contract/input.js';
import { DAY_MILLISECONDS } from '../../contract/limits.js';
import type { Manifest } from '../../contract/manifest.js';
import { windowsOf } from '../../contract/windows.js';
import { createMarketoClient, type MarketoClient } from '../../marketo/client.js';
import { findBase } from '../../merge/find-base.js';
import { readManifest } from '../../merge/manifest-file.js';
import { outputNames } from '../../parts/output-names.js';
import { draftPlan, type PlanDraft } from '../../plan/draft-plan.js';
import { draftUpdate, type FoundBase, type UpdateDraft } from '../../plan/draft-update.js';
import { createObjectStore } from '../../storage/object-store.js';
import { headObject } from '../../storage/objects.js';
import { fullSentence } from '../../text/mode.js';
import { explain, marketoSettings, storageSettings } from '../environment.js';
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
  /** What it would be. */
  readonly mode: Mode;
  /** Why it would be a full run although an update was asked for. */
  readonly fullBecause?: string;
  /** What it is likely to export, by what the last run of its kind has exported. */
  readonly megabytes?: number;
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
  // Any destination will do for a full run: nothing is written. An update begins with what lies there.
  const anywhere = options.mode === 'update' ? {} : { destination: 's3://bucket/key' };
  const { request } = await inputFrom({ ...anywhere, ...options }, terminal);
  const client = createMarketoClient({ ...config, env: terminal.env });
  try {
    const { draft, because, before } = await draftOf(client, request, terminal);
    const { instance, startAt, endAt, fields, described } = draft;
    const listed = new Set(described.map(({ name }) => name));
    const unlisted = fields.filter((name) => !listed.has(name));
    const windows = windowsOf(draft).length;
    const { concurrency, poll, windowDays, megabytesPerDay } = request;
    const mode = 'base' in draft ? 'update' : 'full';
    return {
      instance,
      mode,
      ...defined({ fullBecause: because, megabytes: before && megabytesOf(mode, draft, before) }),
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

/** The draft of a run, and what of an output is there now. */
interface Drafted {
  readonly draft: PlanDraft | UpdateDraft;
  /** Why it is no update although one was asked for. */
  readonly because?: string;
  readonly before?: Manifest;
}

async function draftOf(client: MarketoClient, request: ExtractRequest, terminal: Terminal): Promise<Drafted> {
  const signal = terminal.interrupted;
  if (request.mode === 'full') return { draft: await draftPlan(client, request, signal) };
  const { found, before } = await findOutput(client, request, terminal);
  const update = 'because' in found ? found : await draftUpdate(client, request, found, signal);
  const because = 'because' in update ? update.because : lacking(found, update);
  if ('because' in update || because !== undefined) {
    return { draft: await draftPlan(client, request, signal), ...defined({ because, before }) };
  }
  return { draft: update, ...defined({ before }) };
}

/** What an update would begin with: it lies at the destination, and is read with the settings of the worker. */
async function findOutput(
  { instanceHost }: MarketoClient,
  { destination, quoting }: ExtractRequest,
  { env, interrupted }: Terminal,
): Promise<{ readonly found: FoundBase; readonly before: Manifest | undefined }> {
  const store = createObjectStore({ ...storageSettings(env), env });
  try {
    const output = outputNames(destination);
    const [etag, manifestEtag] = await Promise.all(
      [output.object, output.manifest].map(
        async (object) => (await headObject(store, object, interrupted))?.etag ?? null,
      ),
    );
    const wish = { instance: instanceHost, quoting, etag: etag ?? null, manifestEtag: manifestEtag ?? null };
    const found = await findBase(store, output, wish, new Date(), interrupted);
    return { found, before: (await readManifest(store, output, interrupted)) ?? undefined };
  } finally {
    store.client.destroy();
  }
}

/** A field of the output that there is none of any more. One that Describe has more may be one that Marketo does not export. */
function lacking(found: FoundBase, { fields }: UpdateDraft): string | undefined {
  const missing = 'because' in found ? [] : found.columns.filter((name) => !fields.includes(name));
  return missing.length === 0 ? undefined : `the instance has no field ${missing.join(', ')} any more`;
}

/** By what the last run exported: a full one anew, or an update as many a day. Unknown where that was of the other kind. */
function megabytesOf(mode: Mode, { startAt, endAt }: PlanDraft, before: Manifest): number | undefined {
  const bytes = before.windows.reduce((sum, window) => sum + window.bytes, 0);
  if (mode !== before.mode) return undefined;
  if (mode === 'full') return Math.ceil(bytes / 1e6);
  const days = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / DAY_MILLISECONDS;
  const daily = before.base ? bytes / Math.max(days(before.base.endAt, before.endAt), 1) : 0;
  return Math.ceil((daily * Math.max(days(startAt, endAt), 1)) / 1e6);
}

/** The forecast as plain lines. */
function describeForecast(forecast: Forecast): string[] {
  const { instance, startAt, endAt, fields, windows, windowDays, megabytesPerDay, concurrency, minimumSeconds } =
    forecast;
  const { mode, fullBecause, megabytes } = forecast;
  const kinds = mode === 'update' ? ', for what was created and for what was changed' : '';
  return [
    `Instance  ${instance}`,
    ...(mode === 'update'
      ? [
          'Mode      update of the output that is there, if the subscription exports leads by updatedAt: only a job shows that',
        ]
      : []),
    ...(fullBecause === undefined ? [] : [`Mode      ${fullSentence(fullBecause)}`]),
    `Range     ${moment(startAt)} to ${moment(endAt)}`,
    `Fields    ${count(fields.length)}: ${cut(fields.join(', '), 200)}`,
    `Jobs      ${count(windows)}, one for each window of at most ${plural(windowDays, 'day')}${kinds}; ${concurrency} at once`,
    ...(megabytes === undefined ? [] : [`Size      about ${count(megabytes)} MB, as the last run of its kind`]),
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
