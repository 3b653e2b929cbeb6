import type { Window } from '../contract/windows.js';

// How numbers and times are shown: the same in terminal, Web UI and report, whatever the machine's language. Workflow code
// uses it too: nothing of Node, nothing that depends on where it runs.

/** `1,234,567`; a fraction is rounded. */
export function count(number: number): string {
  return String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 window`, `2 windows` */
export function plural(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`;
}

/** Decimal units, as Marketo's quota has them: `812 MB`, `1.2 GB`. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${count(bytes)} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1000;
  let unit = 0;
  // 999.5 would be shown as 1000.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : count(value)} ${units[unit] ?? ''}`;
}

/** `45 s`, `3 min 20 s`, `12 min`, `3 h 5 min`, `2 h`, `2 d 4 h`: no finer than somebody who waits that long wants it. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 600) return inTwoUnits(whole, 60, 'min', 's');
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 24 * 60) return inTwoUnits(minutes, 60, 'h', 'min');
  return inTwoUnits(Math.round(whole / 3600), 24, 'd', 'h');
}

function inTwoUnits(number: number, each: number, large: string, small: string): string {
  const rest = number % each;
  return `${Math.floor(number / each)} ${large}${rest === 0 ? '' : ` ${rest} ${small}`}`;
}

/** `2024-01-31 23:59 UTC` of an ISO 8601 time in UTC. */
export function moment(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

/** A window: `2016-08-01 → 2016-08-31`, or within one day `2016-08-01 05:00 → 11:59`; of changes with that word before it. */
export function days({ startAt, endAt, updated }: Window): string {
  const [first, last] = [startAt.slice(0, 10), endAt.slice(0, 10)];
  const range = first === last ? `${first} ${startAt.slice(11, 16)} → ${endAt.slice(11, 16)}` : `${first} → ${last}`;
  return updated ? `changes ${range}` : range;
}
