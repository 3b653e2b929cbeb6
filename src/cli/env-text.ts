/**
 * A file of variables as Node's `parseEnv`, Docker Compose and a shell read it alike. No value may hold a line break.
 *
 * @throws Error for a value that cannot be written so: one with all kinds of quotes that it could stand in
 */
export function envText(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${quoted(value)}\n`)
    .join('');
}

function quoted(value: string): string {
  if (/^[\w./:@%+,-]*$/.test(value)) return value;
  // Within single quotes and backticks nothing has a meaning of its own; within double quotes `\n` is a line break.
  const marks = ["'", value.includes('\\n') ? '' : '"', '`'];
  const quote = marks.find((mark) => mark !== '' && !value.includes(mark));
  if (quote === undefined || /[\r\n]/.test(value)) throw new Error('A value has line breaks, or all kinds of quotes.');
  return `${quote}${value}${quote}`;
}
