// What a run is doing, said as a person would: the first line in terminal, Web UI and JSON. Workflow code uses it too.
import { DateTime } from 'luxon';
import { DAILY_EXPORT_QUOTA_BYTES, DAY_MILLISECONDS, QUOTA_TIME_ZONE } from '../contract/limits.js';
import type { Estimate, ExtractProgress, Wait, WaitReason } from '../contract/progress.js';
import { oneLine } from './clean.js';
import { count, duration, plural } from './format.js';
import { finishedWindows } from './progress.js';

/** When and where something is read. */
export interface Reader {
  /** Milliseconds since 1970. Absent where the text stays as it is while time goes by: nothing is counted down then. */
  readonly now?: number;
  /** Time zone beside Central: of the machine where absent. */
  readonly zone?: 'UTC';
}

/** Waits that people know by another name than that of what was tried. All others are told by their message. */
const WAITS: Partial<Record<WaitReason, string>> = {
  jobQueued: 'Marketo has the export job in its queue',
  jobProcessing: 'Marketo is writing the export file',
  queueFull: "Waiting for a place in Marketo's export queue",
  exportQuota: "Waiting for Marketo's daily export quota",
  quotaShare: "Today's share of Marketo's export quota is used up",
  callQuota: "Waiting for Marketo's daily API calls",
};

/** Stages in which nothing is waited for. */
const STAGES: Readonly<Record<ExtractProgress['stage'], string>> = {
  planning: 'Asking Marketo for the oldest date and the fields',
  exporting: 'Exporting',
  'waiting for retryWindow': 'Waiting for you to retry what failed, or to cancel',
  merging: 'Putting the output together',
  'cleaning up': 'Clearing up',
  completed: 'Complete',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

/** `Waiting for Marketo's daily export quota. Goes on at 00:02 Central (07:02 here), in 11 h.` */
export function headline(progress: ExtractProgress, reader: Reader = {}): string {
  const { stage, paused, windows } = progress;
  const wait = waitOf(progress);
  const failed =
    windows.failed > 0 && (stage === 'exporting' || stage === 'waiting for retryWindow')
      ? ` ${plural(windows.failed, 'window')} failed so far.`
      : '';
  const pause = paused ? ' Paused: no new window starts until `resume`.' : '';
  if (!wait) return `${STAGES[stage]}.${failed}${pause}`;
  const what = WAITS[wait.reason] ?? withoutStop(oneLine(wait.message));
  const until = wait.until === undefined ? '' : ` Goes on ${timeOfDay(wait.until, reader)}.`;
  return `${what}.${until}${failed}${pause}`;
}

/** `34 of 141 windows done, about 2 d left.` */
export function doneSentence({ windows, estimate }: Pick<ExtractProgress, 'windows' | 'estimate'>): string {
  if (windows.total === 0) return '';
  const left = estimate ? `, about ${duration(secondsLeft(estimate))} left` : '';
  return `${count(finishedWindows({ windows }))} of ${plural(windows.total, 'window')} done${left}.`;
}

/** What the run itself waits for, or all its open windows: said once, with the earliest end. */
export function waitOf({ wait, current }: Pick<ExtractProgress, 'wait' | 'current'>): Wait | undefined {
  if (wait) return wait;
  const open = current.filter(({ state }) => state !== 'failed');
  const waits = open.flatMap((window) => (window.wait ? [window.wait] : []));
  const [first] = [...waits].sort((a, b) => ((a.until ?? '') < (b.until ?? '') ? -1 : 1));
  const shared = waits.length === open.length && waits.every(({ reason }) => reason === first?.reason);
  return shared ? first : undefined;
}

/** `at 00:02 Central (07:02 here), in 11 h`; with the day where it is not within a day. */
function timeOfDay(until: string, { now, zone }: Reader): string {
  const central = DateTime.fromISO(until, { zone: QUOTA_TIME_ZONE });
  const here = central.setZone(zone ?? 'default');
  const far = now === undefined || central.toMillis() - now >= DAY_MILLISECONDS;
  const day = far ? `${central.toFormat('d LLLL', { locale: 'en' })} ` : '';
  const beside = here.offset === central.offset ? '' : ` (${here.toFormat('HH:mm')} ${zone ?? 'here'})`;
  const left = now === undefined ? '' : `, in ${duration((central.toMillis() - now) / 1000)}`;
  return `${day}at ${central.toFormat('HH:mm')} Central${beside}${left}`;
}

/** By the pace so far, but no faster than the default quota lets the rest through. */
function secondsLeft({ secondsLeft, bytesLeft }: Estimate): number {
  const days = Math.floor(bytesLeft / DAILY_EXPORT_QUOTA_BYTES);
  return Math.max(secondsLeft, (days * DAY_MILLISECONDS) / 1000);
}

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
