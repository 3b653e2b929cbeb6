// `npm run docs:cli`: writes docs/cli.md from the commands' own help; a test fails when it is stale.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { PROGRAM } from '../src/cli/command-name.js';
import { createProgram, run } from '../src/cli/program.js';
import type { Terminal } from '../src/cli/terminal.js';
import { formatMarkdown } from './markdown.js';
import { ROOT } from './root.js';

/** Columns of the help on the page, whatever the terminal of who makes it. */
const COLUMNS = 110;

/** The page as it must be. */
export async function cliPage(): Promise<string> {
  const program = createProgram(terminalOn(new PassThrough()), () => undefined);
  const sections = [];
  for (const names of leaves(program)) sections.push(`## \`${names.join(' ')}\``, fenced(await helpOf(names)));
  const page = [
    '# Commands',
    `Made from the commands' own \`--help\` by \`npm run docs:cli\`. \`${PROGRAM}\` is the program of the package; in a checkout it is ` +
      '`npm run -s extract --`, without an installation `npx marketo-lead-extract`, and the image has it too.',
    fenced(await helpOf([])),
    ...sections,
    '',
  ].join('\n\n');
  return formatMarkdown(page);
}

/** Every command that does something, by its words: `schedule`, `create`. In the order of the help. */
function leaves(command: Command, words: readonly string[] = []): string[][] {
  const inner = command.commands.filter((one) => one.name() !== 'complete');
  return inner.length === 0 ? [[...words]] : inner.flatMap((one) => leaves(one, [...words, one.name()]));
}

function fenced(help: string): string {
  return ['```', help.trimEnd(), '```'].join('\n');
}

async function helpOf(names: readonly string[]): Promise<string> {
  const stdout = new PassThrough();
  const told = text(stdout);
  await run([...names, '--help'], terminalOn(stdout));
  stdout.end();
  return told;
}

function terminalOn(output: PassThrough): Terminal {
  const refuse = (): Promise<never> => Promise.reject(new Error('A help runs nothing.'));
  return {
    stdin: new PassThrough(),
    stdout: Object.assign(output, { columns: COLUMNS }),
    stderr: output,
    env: {},
    command: PROGRAM,
    interrupted: new AbortController().signal,
    runUntilStopped: refuse,
    runWorker: refuse,
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await writeFile(join(ROOT, 'docs/cli.md'), await cliPage());
}
