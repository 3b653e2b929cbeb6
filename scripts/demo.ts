// `npm run demo [-- --keep]`: a whole extract on this machine, against a simulated Marketo instance, checked byte for byte.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Command } from 'commander';
import { manifestUrl } from '../src/parts/output-names.js';
import { checkOutput, type Check } from './demo-check.js';
import { ROOT } from './root.js';
import { isolatedEnvironment } from './servers/child.js';
import { startS3, startSimulatorProcess, startTemporal, startWorker, type Server } from './servers/index.js';

/** A minute of the simulated instance passes in a second: Marketo tells news of a job once a minute. */
const SIMULATOR = ['--leads', '20000', '--speed', '60', '--processing-seconds', '60-180'];
const KEY = 'all-leads.csv';

const options = new Command('npm run demo --')
  .description('A whole extract on this machine, against a simulated Marketo instance, checked byte for byte.')
  .option('--keep', 'leave everything running to look around, until Ctrl-C')
  .allowExcessArguments(false)
  .parse()
  .opts<{ keep?: true }>();
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // Asked twice: nothing is waited for, and what runs ends with this process all the same.
    if (interruption.signal.aborted) process.exit(130);
    interruption.abort();
  });
}
// Of use to developers of this project, not to whoever runs the demo.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const servers: Server[] = [];

/** Remembers a server as soon as it runs, so that it is stopped whatever happens to the others. */
async function keepTrack<T extends Server>(starting: Promise<T>): Promise<T> {
  const server = await starting;
  servers.push(server);
  return server;
}

async function demo(): Promise<boolean> {
  say('Starting Temporal, SeaweedFS as S3, and a Marketo instance with seven months of 20,000 invented people...');
  const starts = [
    keepTrack(startTemporal({ webUi: true })),
    keepTrack(startS3()),
    keepTrack(startSimulatorProcess(SIMULATOR)),
  ] as const;
  await Promise.allSettled(starts);
  const [temporal, s3, simulator] = await Promise.all(starts);
  interruption.signal.throwIfAborted();
  const worker = await keepTrack(startWorker({ ...temporal.env, ...s3.env, ...simulator.env }));
  const destination = `s3://${s3.bucket}/${KEY}`;
  say(`Temporal Web UI   ${temporal.webUrl ?? ''}/namespaces/default/workflows`);
  say(`S3                ${s3.url}   Marketo ${simulator.url}\n`);

  const exitCode = await extract(destination, temporal.env);
  if (interruption.signal.aborted) return false;
  if (exitCode !== 0) {
    say(`\nThe extract failed. The worker's last words:\n${worker.log()}`);
    return false;
  }
  const check = await checkOutput(s3, KEY, simulator.url);
  report(check, destination);
  if (options.keep) {
    say(
      `\nEverything stays up, the Web UI at ${temporal.webUrl ?? ''}, until Ctrl-C. To run your own extracts, in another shell:`,
    );
    for (const [name, value] of Object.entries({ ...temporal.env, ...s3.env, ...simulator.env })) {
      say(`  export ${name}=${value}`);
    }
    say(`  npm run extract -- --destination s3://${s3.bucket}/mine.csv.gz --fields email,createdAt --poll-initial 1s`);
    // Timers keep the process alive; a signal handler alone would not.
    const awake = setInterval(() => undefined, 60_000);
    await once(interruption.signal, 'abort');
    clearInterval(awake);
  }
  return check.problems.length === 0;
}

/** Runs the starter as a user would, with its progress on this terminal. */
async function extract(destination: string, env: Readonly<Record<string, string>>): Promise<number | null> {
  const poll = ['--poll-initial', '1s', '--poll-maximum', '4s'];
  const args = ['--destination', destination, '--concurrency', '2', ...poll];
  say(`$ npm run extract -- ${args.join(' ')}`);
  const starter = spawn(process.execPath, ['--enable-source-maps', join(ROOT, 'lib/src/starter.js'), ...args], {
    env: isolatedEnvironment(env),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = (await once(starter, 'exit')) as [number | null];
  return code;
}

function report({ manifest, head, problems }: Check, destination: string): void {
  say(`\nThe output is ${destination}, its manifest ${manifestUrl(destination)}, while this demo runs.`);
  say('It begins with:');
  for (const line of head) say(`  ${line}`);
  say(`\n${manifest.windows.length} windows, ${manifest.leads} leads, ${manifest.bytes} bytes.`);
  say(`${manifest.duplicates} rows left out because their id had come before:`);
  for (const { startAt, duplicates } of manifest.windows.filter((window) => window.duplicates > 0)) {
    say(`  ${duplicates} in the window from ${startAt}`);
  }
  say('');
  for (const problem of problems) say(`WRONG: ${problem}`);
  if (problems.length === 0) say('Checked: byte for byte what the instance holds, every lead once.');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

let success = false;
try {
  success = await demo();
} catch (error) {
  if (!interruption.signal.aborted) say(error instanceof Error ? error.message : String(error));
}
say('Stopping what was started...');
await Promise.all(servers.map((server) => server.stop()));
process.exitCode = interruption.signal.aborted && !success ? 130 : success ? 0 : 1;
