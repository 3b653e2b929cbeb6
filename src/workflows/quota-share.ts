import { centralDay } from '../contract/central-day.js';
import type { Wait } from '../contract/progress.js';
import type { WindowRecord } from './window-record.js';

const MEGABYTE = 1_000_000;

/** Windows next to another one by which its size is guessed. */
const NEIGHBOURS = 5;

/**
 * The wait that a window is in because the run has exported its share of the day's quota: what it exported since midnight
 * Central, what it has under way, and what the window is likely to be would pass it. The first job of a day always goes, since
 * a window larger than the share would never go otherwise.
 */
export function shareWait(
  megabytesPerDay: number,
  windows: readonly WindowRecord[],
  next: WindowRecord,
  nowMilliseconds: number,
): Wait | undefined {
  const { start, end } = centralDay(nowMilliseconds);
  const today = windows.filter(({ exportedAt = -Infinity }) => exportedAt >= start);
  const underWay = windows.filter(({ state }) => state === 'exporting');
  if (today.length + underWay.length === 0) return undefined;
  const exported = today.reduce((sum, { bytes = 0 }) => sum + bytes, 0);
  const likely = [...underWay, next].reduce((sum, window) => sum + likelyBytes(windows, window), 0);
  if (exported + likely <= megabytesPerDay * MEGABYTE) return undefined;
  const since = today.reduce((latest, { exportedAt = 0 }) => Math.max(latest, exportedAt), start);
  return {
    reason: 'quotaShare',
    message: `Waiting for tomorrow's share of the export quota: at most ${megabytesPerDay} MB a day are to be exported`,
    since: new Date(since).toISOString(),
    until: new Date(end).toISOString(),
  };
}

/** The median of its neighbours whose size is known; 0 where none is. */
function likelyBytes(windows: readonly WindowRecord[], window: WindowRecord): number {
  const at = windows.indexOf(window);
  const known = windows
    .flatMap(({ bytes }, index) => (bytes === undefined ? [] : [{ bytes, distance: Math.abs(index - at) }]))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, NEIGHBOURS)
    .map(({ bytes }) => bytes)
    .sort((a, b) => a - b);
  return known[Math.floor(known.length / 2)] ?? 0;
}
