// `npm run check:compose`: runs what docker-compose.yml starts, as processes, with its own commands, configuration files and
// health checks, and one extract through it. Docker's part is not tried: images, volumes, restarts, limits.
//
// With --dev-server Temporal's development server stands for PostgreSQL and Temporal's server, which have to be built.
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, parseEnv, promisify } from 'node:util';
import { inOrder, readComposeFile, type ComposeFile } from './compose/compose-file.js';
import { enterSandbox, prepareSandbox, putFile } from './compose/sandbox.js';
import { runToEnd, startService, type Surroundings } from './compose/service-process.js';
import { temporalServer } from './compose/temporal-server.js';
import { ROOT } from './root.js';
import { startChild, type Child } from './servers/child.js';
import { toolPath } from './tools.js';

const execFileAsync = promisify(execFile);

/** What Temporal's development server has in itself. */
const DEV_SERVER_HAS: readonly string[] = ['postgres', 'temporal-schema'];

/** Leads of the simulated instance, as `docker-compose.yml` starts it. */
const LEADS = 20_000;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { 'dev-server': { type: 'boolean', default: false } } });
  const devServer = values['dev-server'];
  const variables = parseEnv(readFileSync(join(ROOT, 'deploy/simulator.env'), 'utf8')) as Record<string, string>;
  const file = readComposeFile(variables);
  // Outside the sandbox, which has no network.
  const server = devServer ? undefined : await temporalServer(versionOf(file, 'temporal'));
  enterSandbox();
  const scratch = mkdtempSync(join(tmpdir(), 'check-compose-'));
  const addresses = prepareSandbox(Object.keys(file.services), scratch);
  if (server !== undefined) cpSync(join(server, 'schema'), '/etc/temporal/schema', { recursive: true });
  for (const [name, { environment }] of Object.entries(file.secrets)) {
    putFile(join('/run/secrets', name), variables[environment] ?? '');
  }
  const programs = [
    ...(server === undefined ? [] : [server]),
    dirname(toolPath('temporal')),
    dirname(toolPath('weed')),
  ];
  const path = [join(scratch, 'bin'), ...programs, process.env['PATH'] ?? ''].join(':');
  // The images have BusyBox's; any Linux has bash.
  putFile(join(scratch, 'bin/nc'), '#!/bin/bash\nexec 3<>"/dev/tcp/$2/$3"\n', 0o755);
  const surroundings = { file, addresses, scratch, path };
  const running = await startAll(surroundings, devServer);
  await extract(surroundings);
  await seenByPrometheus();
  tellMemory(file, running);
}

/** Starts everything, each after what it waits for, and does twice what is done once: `up` does so too. */
async function startAll(surroundings: Surroundings, devServer: boolean): Promise<ReadonlyMap<string, Child>> {
  const { file } = surroundings;
  const running = new Map<string, Child>();
  for (const name of inOrder(file, ['simulator', 'worker', 'page', 'prometheus'])) {
    if (devServer && DEV_SERVER_HAS.includes(name)) continue;
    if (devServer && name === 'temporal') {
      running.set(name, await startDevServer(surroundings));
    } else if (file.services[name]?.healthcheck) {
      running.set(name, await startService(name, surroundings));
    } else {
      await runToEnd(name, surroundings);
      await runToEnd(name, surroundings);
    }
    say(`${name} is ${running.has(name) ? 'healthy' : 'done, and a second time'}`);
  }
  return running;
}

async function startDevServer({ scratch, path }: Surroundings): Promise<Child> {
  const env = { PATH: path, HOME: scratch };
  const health = ['operator', 'cluster', 'health', '--address', 'temporal:7233'];
  return startChild({
    name: "Temporal's development server",
    command: 'temporal',
    // Its services look for one another on 127.0.0.1, whatever address it is told.
    args: ['server', 'start-dev', '--headless', '--ip', '0.0.0.0', '--port', '7233', '--log-level', 'error'],
    env,
    isReady: async () => (await execFileAsync('temporal', health, { env })).stdout.includes('SERVING'),
    readySeconds: 60,
    graceSeconds: 10,
  });
}

/** One extract, started as the README says. @throws Error unless it publishes every lead */
async function extract({ addresses, path }: Surroundings): Promise<void> {
  const options = ['--destination', 's3://leads/all-leads.csv', '--concurrency', '2'];
  const waits = ['--poll-initial', '1s', '--poll-maximum', '4s'];
  const { stdout } = await execFileAsync(process.execPath, [join(ROOT, 'lib/src/starter.js'), ...options, ...waits], {
    env: { PATH: path, TEMPORAL_ADDRESS: `${addresses.get('temporal') ?? ''}:7233` },
  });
  const done = /^Done: .*$/m.exec(stdout)?.[0] ?? '';
  if (!done.includes(LEADS.toLocaleString('en-US'))) throw new Error(`Not every lead was published:\n${stdout}`);
  say(done);
}

/** @throws Error unless Prometheus has scraped the worker and knows of what it published */
async function seenByPrometheus(): Promise<void> {
  const query = 'http://prometheus:9090/api/v1/query?query=marketo_extract_leads_published_total';
  for (let seconds = 0; ; seconds += 1) {
    const text = await (await fetch(query)).text();
    if (text.includes(`"${LEADS}"`)) break;
    if (seconds === 60) throw new Error(`Prometheus does not know of the run: ${text}`);
    await sleep(1000);
  }
  say('prometheus has seen the run in the metrics of the worker');
}

function tellMemory(file: ComposeFile, running: ReadonlyMap<string, Child>): void {
  for (const [name, { pid }] of running) {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    const limit = file.services[name]?.mem_limit ?? 'none';
    say(`${name}: at most ${Math.round(Number(peak) / 1024)} MiB, limit ${limit}`);
  }
}

function versionOf(file: ComposeFile, service: string): string {
  return `v${file.services[service]?.image.split(':')[1] ?? ''}`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main();
// Its servers end with the sandbox.
process.exit(0);
