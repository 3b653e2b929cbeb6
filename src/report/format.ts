// How numbers and times are shown: the same everywhere in a report, whatever the machine's language.

const grouped = new Intl.NumberFormat('en-US');

/** `1,234,567` */
export function count(number: number): string {
  return grouped.format(number);
}

/** Decimal units, as Marketo's quota has them: `812 MB`. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1000;
  let unit = 0;
  // 999.5 would be shown as 1000.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : grouped.format(Math.round(value))} ${units[unit] ?? ''}`;
}

/** `45 s`, `12 min`, `3 h 05 min`, `2 d 4 h` */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** `2024-01-31 23:59 UTC` of an ISO 8601 time in UTC */
export function moment(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

/** `2016-08-01 → 2016-08-31` */
export function days({ startAt, endAt }: { readonly startAt: string; readonly endAt: string }): string {
  return `${startAt.slice(0, 10)} → ${endAt.slice(0, 10)}`;
}
