/**
 * The single commands of a block for the shell, in words, with quotes taken away: a prompt, comments, variables that are set
 * before a command, and what a shell reads between commands are left out.
 */
export function commandLines(text: string): string[][] {
  const joined = text.replaceAll(/\\\n/g, ' ');
  return joined
    .split('\n')
    .map((line) => line.replace(/^\s*\$ /, ''))
    .flatMap(commandsOf)
    .map((words) => words.slice(words.findIndex((word) => !/^[A-Z_][A-Z0-9_]*=/.test(word))))
    .filter((words) => words.length > 0 && !/^[A-Z_][A-Z0-9_]*=/.test(words[0] ?? '') && words[0] !== 'export');
}

/** Arguments of our program where this is a call of it: by its name, by npx, or by npm in a checkout. */
export function ourCommand(words: readonly string[]): readonly string[] | undefined {
  const [first, second] = words;
  if (first === 'marketo-lead-extract') return words.slice(1);
  if (first === 'npx' && second === 'marketo-lead-extract') return words.slice(2);
  const dashes = words.indexOf('--');
  const byNpm =
    first === 'npm' && second === 'run' && words[words.findIndex((w, i) => i > 1 && !w.startsWith('-'))] === 'extract';
  return byNpm ? words.slice(dashes === -1 ? words.length : dashes + 1) : undefined;
}

/** Splits a line at `&&`, `||`, `;` and `|` outside quotes, and its commands into words. */
function commandsOf(line: string): string[][] {
  const commands: string[][] = [[]];
  for (const [, comment, operator, word] of line.matchAll(
    /(#.*$)|(&&|\|\||[;|])|((?:[^\s'"|;&]|&(?!&)|'[^']*'|"(?:[^"\\]|\\.)*")+)/g,
  )) {
    if (comment !== undefined) break;
    if (operator !== undefined) commands.push([]);
    else if (word !== undefined) commands.at(-1)?.push(word.replaceAll(/'([^']*)'|"((?:[^"\\]|\\.)*)"/g, '$1$2'));
  }
  return commands.filter((words) => words.length > 0);
}
