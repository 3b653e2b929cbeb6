import { describe, expect, it } from '@jest/globals';
import type { S3Fault } from '../helpers/s3-proxy.js';
import { LARGE_FILE, until, withRig, type Rig } from './rig.js';

// What a killed worker was merging is given to another only when its heartbeat is missed, after 60 s.
const PATIENCE = 280_000;

const OUTPUT = /^out\/leads\.csv$/;

const STAGES: readonly (readonly [string, S3Fault])[] = [
  ['while S3 copies', { operation: 'UploadPartCopy', key: OUTPUT, effect: { kind: 'hold' } }],
  ['before the output is completed', { operation: 'CompleteMultipartUpload', key: OUTPUT, effect: { kind: 'hold' } }],
  [
    'after the output was completed without its knowing',
    { operation: 'CompleteMultipartUpload', key: OUTPUT, effect: { kind: 'holdAnswer' } },
  ],
  ['before the manifest is written', { operation: 'PutObject', key: 'manifest.json', effect: { kind: 'hold' } }],
  ['after publishing, before it has cleared up', { operation: 'DeleteObjects', effect: { kind: 'hold' } }],
];

/** Calls of the run: a worker asks for a token when it starts, for itself. */
function callsOf({ simulator }: Rig): number {
  return simulator.calls.records.filter(({ endpoint }) => endpoint !== 'identity').length;
}

describe('a worker that is killed while it merges: another one publishes, and asks Marketo for nothing', () => {
  it.concurrent.each(STAGES)(
    '%s',
    (_name, fault) =>
      withRig(LARGE_FILE, async (rig) => {
        await rig.work();
        const run = await rig.begin();
        // Not before: planning deletes an object too.
        await until(() => rig.windowJobs.length > 0);
        rig.proxy.inject(fault);
        await until(() => rig.proxy.struck > 0);
        const calls = callsOf(rig);
        await rig.crash();
        await rig.expectRightAndClean(await run.result());
        expect(callsOf(rig)).toBe(calls);
      }),
    PATIENCE,
  );
});
