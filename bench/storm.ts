// `npm run storm [-- --seeds 200] [-- --first 1] [-- --at-once 8]`: runs with everything on that may happen, seed by seed. Ends
// with 1 where one neither delivered the right bytes nor said why it did not.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { S3Client } from '@aws-sdk/client-s3';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import pLimit from 'p-limit';
import { startS3, startTemporal } from '../scripts/servers/index.js';
import { storm, type Ending } from '../test/fixtures/storm/storm.js';
import { SQUALLS } from '../test/fixtures/storm/weather.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    first: { type: 'string', default: '1' },
    'at-once': { type: 'string', default: '8' },
  },
});
const FIRST = Number(values.first);
const SEEDS = Number(values.seeds);

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
// What the service logs about faults is no news here.
Runtime.install({
  logger: new DefaultLogger('ERROR', () => undefined),
  telemetryOptions: { logging: { filter: 'ERROR' } },
});

const [temporal, s3] = await Promise.all([startTemporal(), startS3()]);
try {
  process.exitCode = (await storms()) ? 0 : 1;
} finally {
  await Promise.all([temporal.stop(), s3.stop()]);
}

/** @returns whether all of them ended as they must */
async function storms(): Promise<boolean> {
  Object.assign(process.env, s3.env);
  const client = new S3Client({ forcePathStyle: true });
  const connection = await Connection.connect({ address: temporal.address });
  const nativeConnection = await NativeConnection.connect({ address: temporal.address });
  const grounds = {
    client: new Client({ connection }),
    nativeConnection,
    s3: client,
    bundle: fileURLToPath(new URL('../workflow-bundle.js', import.meta.url)),
  };
  const limit = pLimit(Number(values['at-once']));
  const endings = await Promise.all(
    Array.from({ length: SEEDS }, (_, index) =>
      limit(async () => {
        const ending = await storm(grounds, FIRST + index);
        tell(ending);
        return ending;
      }),
    ),
  );
  await Promise.all([connection.close(), nativeConnection.close()]);
  client.destroy();
  return report(endings);
}

function tell({ seed, on, outcome, says, moreStarts, strikes, jobs, seconds }: Ending): void {
  say(
    `${seed}  ${outcome}${moreStarts === undefined ? '' : `, ${moreStarts} more starts`}  ${strikes} strikes, ${jobs} jobs, ${seconds} s`,
  );
  say(`    on: ${on.join(', ')}`);
  if (says !== '') say(says.replaceAll(/^/gm, '    '));
}

function report(endings: readonly Ending[]): boolean {
  const count = (outcome: Ending['outcome']): number => endings.filter((ending) => ending.outcome === outcome).length;
  const strikes = endings.reduce((sum, ending) => sum + ending.strikes, 0);
  const never = SQUALLS.filter((name) => !endings.some(({ on }) => on.includes(name)));
  say(`\n${SEEDS} storms, ${strikes} strikes: ${count('exact')} exact, ${count('told')} told, ${count('wrong')} wrong`);
  if (never.length > 0) say(`Never on: ${never.join(', ')}`);
  const wrong = endings.filter(({ outcome }) => outcome === 'wrong').map(({ seed }) => seed);
  if (wrong.length > 0) say(`Wrong: ${wrong.join(', ')}`);
  return wrong.length === 0;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
