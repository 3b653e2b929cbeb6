/** HTML that is safe to be put into HTML as it is. */
export class Html {
  constructor(readonly text: string) {}
}

/** What a template may hold: text and numbers are escaped, HTML is not, lists are joined, absent things leave nothing. */
export type HtmlValue = Html | string | number | undefined | readonly HtmlValue[];

/** A template tag for HTML: whatever is put in is escaped unless it is {@link Html} already. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(strings.reduce((text, part, index) => text + toText(values[index - 1]) + part));
}

function toText(value: HtmlValue): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value));
  return value.map(toText).join('');
}

/** Text for the inside of elements and of quoted attributes. Control characters, which HTML forbids, become spaces. */
export function escapeHtml(text: string): string {
  return text.replace(/[^\P{Cc}\n]/gu, ' ').replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
