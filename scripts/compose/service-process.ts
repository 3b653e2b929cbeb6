// Services of docker-compose.yml as processes, with the entry points, commands, environments and health checks of that file.
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../root.js';
import { startChild, type Child } from '../servers/child.js';
import type { ComposeFile, ComposeService } from './compose-file.js';
import { readImageTarget } from './image-file.js';
import { atAddress, putFile } from './sandbox.js';

const execFileAsync = promisify(execFile);

/** What a service runs, made fit for the sandbox. */
interface Prepared {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Where services run. */
export interface Surroundings {
  readonly file: ComposeFile;
  /** Of each service. */
  readonly addresses: ReadonlyMap<string, string>;
  /** Directory for what would be volumes. */
  readonly scratch: string;
  /** Where the images' programs are looked for. */
  readonly path: string;
}

/** What an image starts where neither it nor the service says: of images that are not made here. */
const IMAGE_COMMANDS: Readonly<Record<string, readonly string[]>> = {
  'temporalio/server': ['temporal-server', 'start'],
  // The path of its data is a volume.
  'prom/prometheus': ['prometheus', '--config.file=/etc/prometheus/prometheus.yml', '--storage.tsdb.path=/prometheus'],
};

/** Starts a service and waits until its health check says that it is healthy. @throws Error with its last output */
export async function startService(name: string, surroundings: Surroundings): Promise<Child> {
  const { command, environment } = prepare(name, surroundings);
  const [program = '', ...args] = command;
  const check = serviceOf(name, surroundings).healthcheck?.test.slice(1) ?? [];
  return startChild({
    name,
    command: program,
    args,
    env: environment,
    isReady: async () => {
      const [checker = '', ...rest] = check.map((word) => atAddress(word, addressOf(name, surroundings)));
      await execFileAsync(checker, rest, { env: environment, timeout: 10_000 });
      return true;
    },
    readySeconds: 180,
    graceSeconds: 45,
  });
}

/** Runs a service that ends by itself. @throws Error with its output where it fails */
export async function runToEnd(name: string, surroundings: Surroundings): Promise<void> {
  const { command, environment } = prepare(name, surroundings);
  const [program = '', ...args] = command;
  await execFileAsync(program, args, { env: environment, timeout: 180_000 });
}

function prepare(name: string, surroundings: Surroundings): Prepared {
  const { file, path, scratch } = surroundings;
  const service = serviceOf(name, surroundings);
  const address = addressOf(name, surroundings);
  const image = service.build && readImageTarget(service.build.target);
  for (const { source, target } of service.configs ?? []) putFile(target, configText(file, source));
  const base = image ?? {
    environment: {},
    entrypoint: [],
    command: IMAGE_COMMANDS[service.image.split(':')[0] ?? ''] ?? [],
  };
  // An entry point of the service's own does away with the image's command.
  const own = service.entrypoint ? [] : base.command;
  const words = [...(service.entrypoint ?? base.entrypoint), ...(service.command ?? own)];
  const volumes = (service.volumes ?? []).map((volume) => volume.split(':'));
  const inHere = (text: string): string =>
    volumes.reduce(
      (changed, [volume = '', target = '']) => changed.replace(new RegExp(`=${target}$`), `=${join(scratch, volume)}`),
      atAddress(text, address),
    );
  const environment = {
    HOME: scratch,
    ...Object.fromEntries(
      Object.entries({ ...base.environment, ...service.environment }).map(([key, value]) => [
        key,
        atAddress(value, address),
      ]),
    ),
    // Last: an image's own has its directories, which are not here.
    PATH: path,
  };
  for (const [volume = ''] of volumes) mkdirSync(join(scratch, volume), { recursive: true });
  const command = service.image.startsWith('postgres:')
    ? postgres(address, join(scratch, 'postgres'), environment)
    : words.map(inHere);
  return { command, environment };
}

/** What the entry point of the image `postgres` does: a cluster with one user, its password, and a database of its name. */
function postgres(address: string, data: string, environment: Readonly<Record<string, string>>): readonly string[] {
  const { POSTGRES_USER: user = '', POSTGRES_PASSWORD: password = '' } = environment;
  // It refuses to run as root.
  const asPostgres = ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'];
  const sockets = '/run/postgresql';
  const secret = '/run/postgres-password';
  putFile(secret, password);
  mkdirSync(sockets, { recursive: true });
  chmodSync(sockets, 0o777);
  execFileSync('chown', ['postgres', data]);
  const run = (...words: readonly string[]): void => {
    const [program = '', ...args] = [...asPostgres, ...words];
    execFileSync(program, args, { env: { ...environment, PGPASSWORD: password }, stdio: 'pipe' });
  };
  run('initdb', `--pgdata=${data}`, `--username=${user}`, `--pwfile=${secret}`, '--auth=scram-sha-256', '--no-sync');
  const options = `-c listen_addresses=${address} -c unix_socket_directories=${sockets}`;
  run('pg_ctl', '--wait', `--pgdata=${data}`, `--options=${options}`, '--log=/dev/null', 'start');
  run('createdb', `--host=${sockets}`, `--username=${user}`, user);
  run('pg_ctl', '--wait', `--pgdata=${data}`, 'stop');
  return [...asPostgres, 'postgres', '-D', data, ...options.split(' ')];
}

function configText(file: ComposeFile, name: string): string {
  const config = file.configs[name];
  if (config?.content !== undefined) return config.content;
  return readFileSync(join(ROOT, config?.file ?? ''), 'utf8');
}

function serviceOf(name: string, { file }: Surroundings): ComposeService {
  const service = file.services[name];
  if (!service) throw new Error(`docker-compose.yml has no service ${name}`);
  return service;
}

function addressOf(name: string, { addresses }: Surroundings): string {
  return addresses.get(name) ?? '';
}
