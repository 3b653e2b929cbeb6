import { DAILY_EXPORT_QUOTA_BYTES } from '../contract/limits.js';
import type { Estimate, ExtractProgress, Wait } from '../contract/progress.js';
import { oneLine } from './clean.js';
import { count, duration, moment, plural, size } from './format.js';

/** Windows that need nothing more, of all. */
export function finishedWindows({ windows }: Pick<ExtractProgress, 'windows'>): number {
  return windows.completed + windows['taken over'];
}

/** `34 of 150 windows · 1,234,567 records · 812 MB exported`: records of the files, duplicates among them. */
export function totals(progress: Pick<ExtractProgress, 'windows' | 'records' | 'bytes'>): string {
  if (progress.windows.total === 0) return 'no window yet';
  return [
    `${count(finishedWindows(progress))} of ${plural(progress.windows.total, 'window')}`,
    plural(progress.records, 'record'),
    `${size(progress.bytes)} exported`,
  ].join(' · ');
}

/** What is left, and how many days the default quota makes of the whole run. */
export function estimateSentence({ secondsLeft, bytesLeft, quotaDays }: Estimate): string {
  const quota = `${plural(quotaDays, 'day')} of a ${size(DAILY_EXPORT_QUOTA_BYTES)} daily export quota in all`;
  return `About ${duration(secondsLeft)} and ${size(bytesLeft)} left; ${quota}.`;
}

/** What is waited for and, where that is known, until when. */
export function waitSentence({ message, until }: Wait): string {
  return until === undefined ? oneLine(message) : `${oneLine(message)}, until ${moment(until)}`;
}
