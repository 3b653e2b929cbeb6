// Text from outside, made fit for where it is shown. Workflow code uses it too: nothing of Node.

/** One line without control characters: it cannot move the cursor, change colours or reorder what is beside it. */
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

/** Text that starts no markup in Markdown and does not break out of a table's cell, on one line. */
export function escapeMarkdown(text: string): string {
  return oneLine(text).replace(/[|`<>[\]*_\\]/g, '\\$&');
}
