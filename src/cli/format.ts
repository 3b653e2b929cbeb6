/** `1,234,567` */
export function count(number: number): string {
  return number.toLocaleString('en-US');
}

/** `1 window`, `2 windows` */
export function plural(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`;
}

/** `14.2 MB`, `1.20 GB`: powers of ten, as Marketo counts its quota. */
export function size(bytes: number): string {
  const megabytes = bytes / 1_000_000;
  return megabytes < 1000 ? `${megabytes.toFixed(1)} MB` : `${(megabytes / 1000).toFixed(2)} GB`;
}

/** `42 s`, `3 min 20 s`, `2 h 15 min`, `3 d 4 h`: the two largest units. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const units = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ] as const;
  const first = units.findIndex(([number]) => number > 0);
  if (first === -1) return '0 s';
  return units
    .slice(first, first + 2)
    .filter(([number]) => number > 0)
    .map(([number, unit]) => `${number} ${unit}`)
    .join(' ');
}

/** `2016-08-01 → 2016-08-31` */
export function days({ startAt, endAt }: { readonly startAt: string; readonly endAt: string }): string {
  return `${startAt.slice(0, 10)} → ${endAt.slice(0, 10)}`;
}

/** `2016-08-01 05:00:00Z` of an ISO 8601 time. */
export function moment(iso: string): string {
  return iso.replace('T', ' ').replace(/\.\d+Z$/, 'Z');
}

/** Text from outside as one line without control characters: it must not move the cursor or change colours. */
export function oneLine(text: string): string {
  return withoutControls(text).replace(/\s+/g, ' ').trim();
}

/** The same, with its line breaks kept. */
export function withoutControls(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/[^\P{C}\n]/gu, ' ');
}

/** At most `width` characters, the last one `…` where something was cut off. */
export function cut(text: string, width: number): string {
  const characters = Array.from(text);
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}
