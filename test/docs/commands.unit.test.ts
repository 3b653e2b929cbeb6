import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { ROOT } from '../../scripts/root.js';
import { readInput } from '../../src/contract/input.js';
import { cli } from '../cli/cli.js';
import { blocksOf, inlineCodeOf, PAGES, type Block } from './pages.js';
import { commandLines, ourCommand } from './shell-lines.js';

const blocks = PAGES.flatMap(blocksOf);
const shell = blocks.filter(({ language }) => ['sh', 'console', 'bash'].includes(language));
const where = ({ page, line }: Block): string => `${page}:${line}`;

/** Commands and options of the program, as its own help tells them. */
interface Command {
  readonly commands: readonly string[];
  readonly options: ReadonlyMap<string, { readonly takesValue: boolean }>;
}

const known = new Map<string, Command>();

async function help(path: readonly string[]): Promise<Command> {
  const key = path.join(' ');
  const before = known.get(key);
  if (before) return before;
  const { stdout } = await cli([...path, '--help']);
  const part = (title: string): string =>
    new RegExp(`^${title}:\\n([^]*?)(?:\\n\\n|(?![^]))`, 'm').exec(stdout)?.[1] ?? '';
  const command = {
    commands: [...part('Commands').matchAll(/^ {2}([\w-]+)/gm)].map(([, name = '']) => name),
    options: new Map(
      [...part('Options').matchAll(/^ +(?:(-\w), )?(--[\w-]+)( [<[])?/gm)].flatMap(([, short, long = '', value]) =>
        [long, ...(short === undefined ? [] : [short])].map(
          (name) => [name, { takesValue: value !== undefined }] as const,
        ),
      ),
    ),
  };
  known.set(key, command);
  return command;
}

/** What is wrong with a command line of ours; nothing where it can be called like this. */
async function wrongIn(words: readonly string[]): Promise<string[]> {
  const path: string[] = [];
  let rest = words;
  while (rest[0] !== undefined && (await help(path)).commands.includes(rest[0])) {
    path.push(rest[0]);
    rest = rest.slice(1);
  }
  // Without a command it is `start`.
  if (path.length === 0 && rest[0]?.startsWith('-') && !['--help', '--version'].includes(rest[0])) path.push('start');
  const { commands, options } = await help(path);
  const problems: string[] = [];
  for (let index = 0; index < rest.length; index += 1) {
    const [name = '', value] = (rest[index] ?? '').split(/=(.*)/s);
    if (!name.startsWith('-')) {
      // An argument, or a command that is not there.
      if (commands.length > 0) problems.push(`no command "${[...path, name].join(' ')}"`);
      continue;
    }
    const option = options.get(name);
    if (!option) problems.push(`"${path.join(' ')}" has no option ${name}`);
    else if (option.takesValue && value === undefined) index += 1;
  }
  return problems;
}

describe('what the documents tell people to type', () => {
  let scripts: Readonly<Record<string, string>>;

  beforeAll(async () => {
    ({ scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> });
    expect((await help([])).commands.length).toBeGreaterThan(8);
  });

  it('are commands and options that the program has', async () => {
    const problems: string[] = [];
    let checked = 0;
    for (const block of shell) {
      for (const line of commandLines(block.text)) {
        const words = ourCommand(line);
        if (!words) continue;
        checked += 1;
        for (const problem of await wrongIn(words)) problems.push(`${where(block)}: ${problem}`);
      }
    }
    for (const page of PAGES) {
      for (const code of inlineCodeOf(page)) {
        // `marketo-lead-extract` alone is the name of the project, and names go with an equals sign or a dot elsewhere.
        const words = /^(?:npx )?marketo-lead-extract [a-z-]/.test(code) ? ourCommand(code.split(/\s+/)) : undefined;
        if (!words) continue;
        checked += 1;
        for (const problem of await wrongIn(words)) problems.push(`${page}: ${problem}`);
      }
    }
    expect(checked).toBeGreaterThan(6);
    expect(problems).toEqual([]);
  });

  it('are scripts of package.json', () => {
    const lines = shell.flatMap((block) => commandLines(block.text));
    const inline = PAGES.flatMap(inlineCodeOf).map((code) => code.split(/\s+/));
    const called = [...lines, ...inline]
      .filter(([npm, run]) => npm === 'npm' && run === 'run')
      .map((words) => words.slice(2).find((word) => !word.startsWith('-')) ?? '');
    expect(called.length).toBeGreaterThan(10);
    expect(called.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it('is run by a test, or checked against the program above, or says why it is not run', () => {
    const unaccounted = shell.filter(({ text, remark = '' }) => {
      const test = /^run by (\S+)/.exec(remark)?.[1];
      if (test !== undefined) return !existsSync(join(ROOT, test));
      return !/^not run: \S+ \S+/.test(remark) && !commandLines(text).every(isJudged);
    });
    expect(unaccounted.map(where)).toEqual([]);
  });

  it('is code of others only with a word on whether it was run', () => {
    const foreign = blocks.filter(({ language }) => ['python', 'ts', 'sql'].includes(language));
    expect(foreign.filter(({ remark = '' }) => !/^(?:not run: \S+ \S+|run by \S+)/.test(remark)).map(where)).toEqual(
      [],
    );
  });
});

/** Whether a line is judged above or, where it calls Temporal's CLI, in temporal-commands.test.ts. */
function isJudged(words: readonly string[]): boolean {
  return (
    words[0] === 'temporal' ||
    ourCommand(words) !== undefined ||
    (words[0] === 'npm' && ['run', 'test', 'ci'].includes(words[1] ?? ''))
  );
}

describe('what the documents show', () => {
  it('is JSON where it says so, and an input only where it is taken', () => {
    const examples = blocks.filter(({ language }) => language === 'json');
    const inline = PAGES.flatMap((page) => [
      ...blocksOf(page).flatMap(({ text }) => [...text.matchAll(/--input '(\{[^']*\})'/g)]),
    ]).map(([, json = '']) => json);
    const values = [...examples.map(({ text }) => text), ...inline].map((json) => JSON.parse(json) as object);
    const inputs = values.filter((value) => 'destination' in value && !('manifest' in value));
    expect(inputs.length).toBeGreaterThan(4);
    for (const input of inputs) expect(readInput(input, Date.now())).toHaveProperty('request');
  });

  it('is YAML where it says so', () => {
    const examples = blocks.filter(({ language }) => language === 'yaml');
    const errors = examples.flatMap((block) =>
      parseAllDocuments(block.text).flatMap((document) => ('errors' in document ? document.errors : [])),
    );
    expect(examples.length).toBeGreaterThan(1);
    expect(errors).toEqual([]);
  });
});
