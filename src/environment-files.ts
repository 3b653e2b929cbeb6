import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { ConfigError } from './config.js';

/** Variables that a file may hold the value of: `MARKETO_CLIENT_SECRET_FILE` names that of `MARKETO_CLIENT_SECRET`. */
const SECRETS = [
  'MARKETO_CLIENT_ID',
  'MARKETO_CLIENT_SECRET',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'TEMPORAL_API_KEY',
] as const;

/** Name of the file of variables, in the working directory. */
export const ENV_FILE = '.env';

/**
 * What files add to an environment: `.env` of a directory (or the file that `MARKETO_ENV_FILE` names), then the secrets that
 * `*_FILE` name, as Docker and Kubernetes mount them. What the environment has wins over `.env`, also where it has a secret
 * in the other of the two ways; a variable that is set but empty is not there.
 *
 * @throws ConfigError naming files that cannot be read, and secrets that are given in both ways
 */
export function readEnvironmentFiles(environment: NodeJS.ProcessEnv, directory: string): Record<string, string> {
  const problems: string[] = [];
  const read = (path: string, name: string): string => {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      problems.push(
        `${name} names ${path}, which cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`,
      );
      return '';
    }
  };
  const has = (variables: NodeJS.ProcessEnv, name: string): boolean => (variables[name] ?? '') !== '';

  const named = environment['MARKETO_ENV_FILE'] ?? '';
  const text = named === '' ? readIfThere(join(directory, ENV_FILE), problems) : read(named, 'MARKETO_ENV_FILE');
  const added = Object.fromEntries(
    Object.entries(parseEnv(text)).filter(
      ([name, value]) => value !== undefined && !has(environment, name) && !has(environment, otherWay(name)),
    ),
  ) as Record<string, string>;

  const all = { ...environment, ...added };
  for (const name of SECRETS) {
    const path = all[`${name}_FILE`];
    if (path === undefined || path === '') continue;
    if (has(all, name)) problems.push(`${name} and ${name}_FILE are both set: give one`);
    else added[name] = read(path, `${name}_FILE`).trim();
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return added;
}

function readIfThere(path: string, problems: string[]): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') problems.push(`${path} cannot be read: ${code ?? 'unknown'}`);
    return '';
  }
}

/** The other name under which a secret may be given. */
function otherWay(name: string): string {
  return name.endsWith('_FILE') ? name.slice(0, -'_FILE'.length) : `${name}_FILE`;
}
