import { describe, expect, it } from '@jest/globals';
import { failureOf } from '../workflows/harness.js';
import type { Operation, S3Effect, S3Fault } from '../helpers/s3-proxy.js';
import { LARGE_FILE, withRig } from './rig.js';

const PATIENCE = 180_000;
const PART = '/parts/';
const OUTPUT = /^out\/leads\.csv$/;

const slowDown: S3Effect = { kind: 'error', status: 503, code: 'SlowDown' };
const internalError: S3Effect = { kind: 'error', status: 500, code: 'InternalError' };
/** S3 begins its answer to a long request with 200 and may still fail (Amazon S3: CompleteMultipartUpload). */
const lateError: S3Effect = { kind: 'error', status: 200, code: 'InternalError' };
const reset: S3Effect = { kind: 'reset' };
const loseAnswer: S3Effect = { kind: 'loseAnswer' };

function faults(name: string, operation: Operation, key: S3Fault['key'], effects: Record<string, S3Effect>): Case[] {
  return Object.entries(effects).map(([what, effect]) => [
    `${name}: ${what}`,
    // Not more often than the SDK tries by itself would be no fault of the activity's own.
    { operation, ...(key !== undefined && { key }), effect, times: 7 },
  ]);
}

type Case = readonly [string, S3Fault];

const CASES: readonly Case[] = [
  ...faults('UploadPart', 'UploadPart', PART, { slowDown, internalError, reset }),
  ...faults('CompleteMultipartUpload of a part', 'CompleteMultipartUpload', PART, { internalError, lateError, reset }),
  ...faults('CompleteMultipartUpload of the output', 'CompleteMultipartUpload', OUTPUT, { slowDown, lateError, reset }),
  ...faults('UploadPartCopy', 'UploadPartCopy', OUTPUT, { slowDown, lateError, reset }),
  ...faults('PutObject of the manifest', 'PutObject', 'manifest.json', { internalError }),
  ...faults('PutObject of a commit record', 'PutObject', /Z\.json$/, { internalError, reset }),
];

const LOST: readonly Case[] = [
  ['UploadPart', { operation: 'UploadPart', key: PART, effect: loseAnswer, times: 1 }],
  [
    'CompleteMultipartUpload of a part',
    { operation: 'CompleteMultipartUpload', key: PART, effect: loseAnswer, times: 1 },
  ],
  [
    'CompleteMultipartUpload of the output',
    { operation: 'CompleteMultipartUpload', key: OUTPUT, effect: loseAnswer, times: 1 },
  ],
  ['CreateMultipartUpload of a part', { operation: 'CreateMultipartUpload', key: PART, effect: loseAnswer, times: 1 }],
  ['PutObject of a commit record', { operation: 'PutObject', key: /Z\.json$/, effect: loseAnswer, times: 1 }],
  ['PutObject of the manifest', { operation: 'PutObject', key: 'manifest.json', effect: loseAnswer, times: 1 }],
];

describe('S3', () => {
  it.concurrent.each(CASES)(
    'fails for a while: %s',
    (_name, fault) =>
      withRig(LARGE_FILE, async (rig) => {
        rig.proxy.inject(fault);
        await rig.work();
        await rig.expectRightAndClean(await (await rig.begin()).result());
        expect(rig.proxy.struck).toBe(fault.times);
        rig.expectOneJobPerWindow();
      }),
    PATIENCE,
  );

  it.concurrent.each(LOST)(
    'does it, and its answer is lost: %s',
    (_name, fault) =>
      withRig(LARGE_FILE, async (rig) => {
        rig.proxy.inject(fault);
        await rig.work();
        await rig.expectRightAndClean(await (await rig.begin()).result());
        expect(rig.proxy.struck).toBe(1);
        expect(rig.calls('file')).toBe(1);
      }),
    PATIENCE,
  );

  it.concurrent(
    'refuses wrong credentials: the run fails before Marketo is asked for anything',
    () =>
      withRig({}, async (rig) => {
        await rig.work({ AWS_SECRET_ACCESS_KEY: 'not the secret' });
        const failure = await failureOf((await rig.begin()).result());
        expect(failure.type).toBe('StorageAccess');
        expect(failure.message).toContain(rig.bucket);
        // The worker has asked for a token when it started, for itself.
        expect(rig.simulator.calls.records.filter(({ endpoint }) => endpoint !== 'identity')).toEqual([]);
      }),
    PATIENCE,
  );
});
