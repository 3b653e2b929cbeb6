import { execFile } from 'node:child_process';
import { chown, mkdtemp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isolatedEnvironment } from '../../scripts/servers/child.js';
import { startServer, type Server } from '../../scripts/servers/server.js';
import { findProgram, hasProgram } from '../helpers/programs.js';

const execFileAsync = promisify(execFile);

/** Debian's packages keep programs apart by version, and only some of them on PATH. */
const DEBIAN = '/usr/lib/postgresql';

/** Of the user nobody: PostgreSQL refuses to be run by root. */
const NOBODY = 65_534;

/** Directory of PostgreSQL's programs; `undefined` where there are none. */
async function binaries(): Promise<string | undefined> {
  const versions = await readdir(DEBIAN).catch(() => []);
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  if (newest !== undefined) return join(DEBIAN, newest, 'bin');
  return findProgram('initdb')?.replace(/\/initdb$/, '');
}

/** Whether tests that need PostgreSQL can run; see {@link hasProgram}. */
export async function hasPostgres(): Promise<boolean> {
  return (await binaries()) !== undefined || hasProgram('initdb', 'postgresql');
}

/** Starts PostgreSQL on a socket in a directory of its own; `env` holds what `psql` needs to reach it, PATH too. */
export async function startPostgres(): Promise<Server> {
  const programs = await binaries();
  if (programs === undefined) throw new Error('There is no initdb, neither on PATH nor where Debian puts it');
  // A socket's path is short: /tmp, whatever the temporary directory is.
  const directory = await mkdtemp('/tmp/postgres-');
  const root = process.getuid?.() === 0;
  if (root) await chown(directory, NOBODY, NOBODY);
  const ids = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
  const own = isolatedEnvironment({ LC_ALL: 'C' });
  const as = (program: string, args: readonly string[]): readonly [string, string[]] =>
    root ? ['setpriv', [...ids, join(programs, program), ...args]] : [join(programs, program), [...args]];
  const data = join(directory, 'data');
  const [initdb, initdbArgs] = as('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync']);
  await execFileAsync(initdb, initdbArgs, { env: own });
  const [command, args] = as('postgres', ['-D', data, '-k', directory, '-c', 'listen_addresses=', '-F']);
  return startServer(
    {
      name: 'PostgreSQL',
      command,
      args,
      env: own,
      isReady: (log) => log.includes('ready to accept connections'),
      readySeconds: 60,
      graceSeconds: 10,
      scratch: [directory],
    },
    {
      env: {
        PGHOST: directory,
        PGUSER: 'postgres',
        PGDATABASE: 'postgres',
        PATH: `${programs}:${process.env['PATH'] ?? ''}`,
      },
    },
  );
}
