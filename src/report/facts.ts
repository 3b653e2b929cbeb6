import { centralDate } from '../contract/central-day.js';
import { DAILY_EXPORT_QUOTA_BYTES } from '../contract/limits.js';
import type { Manifest, ManifestWindow } from '../contract/manifest.js';

/** Where a window's time went: milliseconds since 1970. */
export interface Span {
  readonly stage: 'queue' | 'processing' | 'transfer';
  readonly from: number;
  readonly to: number;
}

/** A window's stages, as far as Marketo tells their times; clocks that disagree leave none out of order. */
export function spansOf({ queuedAt, startedAt, finishedAt, verifiedAt }: ManifestWindow): Span[] {
  return [
    spanOf('queue', queuedAt, startedAt),
    spanOf('processing', startedAt, finishedAt),
    spanOf('transfer', finishedAt, verifiedAt),
  ].flatMap((span) => span ?? []);
}

function spanOf(stage: Span['stage'], start: string | undefined, end: string | undefined): Span | undefined {
  const from = Date.parse(start ?? '');
  const to = Date.parse(end ?? '');
  return to >= from ? { stage, from, to } : undefined;
}

/** Milliseconds of a stage over all windows. */
export function spent(windows: readonly ManifestWindow[], stage: Span['stage']): number {
  return windows
    .flatMap(spansOf)
    .filter((span) => span.stage === stage)
    .reduce((sum, { from, to }) => sum + to - from, 0);
}

/** Bytes that the run exported by day of the quota's time zone; oldest day first. */
export function quotaDays(windows: readonly ManifestWindow[]): { readonly day: string; readonly bytes: number }[] {
  const days = new Map<string, number>();
  for (const { finishedAt, verifiedAt, bytes } of windows) {
    if (bytes === 0) continue;
    const day = centralDate(finishedAt ?? verifiedAt);
    days.set(day, (days.get(day) ?? 0) + bytes);
  }
  return [...days].map(([day, bytes]) => ({ day, bytes })).sort((a, b) => (a.day < b.day ? -1 : 1));
}

/** What the files of all windows hold: their records, those of them that are in the output, and those of leads that are gone. */
export function exportedOf({ windows }: Pick<Manifest, 'windows'>): { records: number; leads: number; gone: number } {
  const sum = (numberOf: (window: ManifestWindow) => number): number =>
    windows.reduce((all, window) => all + numberOf(window), 0);
  return {
    records: sum(({ records }) => records),
    leads: sum(({ leads }) => leads),
    gone: sum(({ gone = 0 }) => gone),
  };
}

/** True if a day comes so near to the default quota, or beyond it, that a line for the quota is worth its room. */
export function showsQuota(days: readonly { readonly bytes: number }[]): boolean {
  return days.some(({ bytes }) => bytes > DAILY_EXPORT_QUOTA_BYTES / 5);
}

/**
 * From the first time that is known of the run's jobs to its publication, in milliseconds. Unknown where everything was taken
 * over, and where Marketo's clock is ahead of ours: a file cannot be verified or published before it was ready.
 */
export function elapsed({ windows, publishedAt }: Manifest): number | undefined {
  const own = windows.filter(({ takenOver }) => !takenOver);
  const end = Date.parse(publishedAt);
  const disagree = own.some(
    ({ queuedAt, startedAt, finishedAt, verifiedAt }) =>
      Math.max(...times(queuedAt, startedAt, finishedAt)) > Math.min(Date.parse(verifiedAt), end),
  );
  if (own.length === 0 || disagree) return undefined;
  const starts = own.flatMap(({ queuedAt, startedAt, finishedAt, verifiedAt }) =>
    times(queuedAt, startedAt, finishedAt, verifiedAt),
  );
  return Math.max(0, end - starts.reduce((least, start) => Math.min(least, start), end));
}

function times(...moments: readonly (string | undefined)[]): number[] {
  return moments.flatMap((moment) => (moment === undefined ? [] : [Date.parse(moment)]));
}
