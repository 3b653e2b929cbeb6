import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { quiet } from '../end-to-end/harness.js';
import { storm, type Grounds } from '../fixtures/storm/storm.js';
import { s3Client } from '../helpers/s3.js';

/** A bound for what hangs, above that of three runs of a storm: its own is to be met first. */
const TIMEOUT_MILLISECONDS = 60 * 60_000;

const SEEDS = Array.from({ length: 10 }, (_, index) => index + 1);

describe('with everything on that may happen', () => {
  let grounds: Grounds & { readonly connection: Connection };
  beforeAll(async () => {
    quiet();
    const address = process.env['TEMPORAL_ADDRESS'] ?? '';
    const connection = await Connection.connect({ address });
    grounds = {
      connection,
      client: new Client({ connection }),
      nativeConnection: await NativeConnection.connect({ address }),
      s3: s3Client(),
      bundle: fileURLToPath(new URL('../../lib/workflow-bundle.js', import.meta.url)),
    };
  });
  afterAll(async () => {
    await grounds.connection.close();
    await grounds.nativeConnection.close();
    grounds.s3.destroy();
  });

  // `npm run storm -- --first 7 --seeds 1` tells more of a seed.
  it.concurrent.each(SEEDS)(
    'seed %i: the right bytes, or a failure that names what contradicts itself and leaves a way on',
    async (seed) => {
      const { outcome, says } = await storm(grounds, seed);
      expect({ outcome, says }).not.toMatchObject({ outcome: 'wrong' });
    },
    TIMEOUT_MILLISECONDS,
  );
});
