import { describe, expect, it } from '@jest/globals';
import type { FaultEffect } from '../../simulator/faults.js';
import { ask } from './control.js';
import { CREATE, errorOf, FROM, DAY, withInstance, type Instance } from './instance.js';

type Status = Readonly<Record<string, unknown>>;

/** The status of a job with effects, and of one without. */
async function withStatus(
  effects: readonly FaultEffect[],
  body: (odd: Status, sound: Status, instance: Instance) => Promise<void> | void,
): Promise<void> {
  await withInstance({}, async (instance) => {
    const sound = await instance.completed();
    for (const effect of effects) instance.simulator.faults.inject({ endpoint: 'create', effect });
    const odd = await instance.completed();
    await body(await instance.status(odd), await instance.status(sound), instance);
  });
}

describe('a completed job', () => {
  it.each<[string, FaultEffect, (sound: Status) => object]>([
    ['no records', { kind: 'recordCount', is: 0 }, () => ({ numberOfRecords: 0 })],
    [
      'a record more',
      { kind: 'wrongRecordCount', by: 1 },
      ({ numberOfRecords }) => ({ numberOfRecords: Number(numberOfRecords) + 1 }),
    ],
    ['bytes more', { kind: 'wrongFileSize', by: 12 }, ({ fileSize }) => ({ fileSize: Number(fileSize) + 12 })],
    ['bytes less', { kind: 'wrongFileSize', by: -12 }, ({ fileSize }) => ({ fileSize: Number(fileSize) - 12 })],
    ['no size', { kind: 'noFileSize' }, () => ({ fileSize: undefined })],
    [
      'numbers as strings',
      { kind: 'numbersAsText' },
      ({ fileSize, numberOfRecords }) => ({ fileSize: String(fileSize), numberOfRecords: String(numberOfRecords) }),
    ],
    [
      'a bare checksum',
      { kind: 'checksumForm', form: 'bare' },
      ({ fileChecksum }) => ({ fileChecksum: String(fileChecksum).replace('sha256:', '') }),
    ],
    [
      'a checksum in upper case',
      { kind: 'checksumForm', form: 'upperCase' },
      ({ fileChecksum }) => ({ fileChecksum: String(fileChecksum).toUpperCase() }),
    ],
    [
      'a checksum under another key',
      { kind: 'checksumForm', form: 'otherKey' },
      ({ fileChecksum }) => ({ fileChecksum: undefined, fileCheckSum: fileChecksum }),
    ],
    ['no checksum', { kind: 'checksumForm', form: 'none' }, () => ({ fileChecksum: undefined })],
  ])('tells %s, and everything else as it is', async (_, effect, change) => {
    await withStatus([effect], (odd, sound) => {
      // Only the job's name and its dates are its own.
      const { exportId, createdAt, queuedAt, startedAt, finishedAt } = odd;
      const own = { exportId, createdAt, queuedAt, startedAt, finishedAt };
      expect(odd).toEqual({ ...sound, ...own, ...change(sound) });
      expect(odd).not.toEqual({ ...sound, ...own });
    });
  });

  it('can be wrong in several ways at once', async () => {
    await withStatus([{ kind: 'recordCount', is: 0 }, { kind: 'numbersAsText' }], (odd) => {
      expect(odd).toMatchObject({ numberOfRecords: '0', fileSize: expect.stringMatching(/^\d+$/) });
    });
  });

  it.each([
    ['offset', /^2024-10-26T1\d:\d\d:\d\d-08:00$/],
    ['noZone', /^2024-10-27T00:\d\d:\d\d$/],
    ['space', /^2024-10-27 00:\d\d:\d\dZ$/],
    ['empty', /^$/],
    ['null', null],
  ] as const)('tells dates with %s', async (form, pattern) => {
    await withStatus([{ kind: 'jobDates', form }], (odd) => {
      for (const name of ['createdAt', 'queuedAt', 'startedAt', 'finishedAt']) {
        if (pattern === null) expect(odd[name]).toBeNull();
        else expect(odd[name]).toMatch(pattern);
      }
    });
  });

  it('tells dates with an offset that are the same time', async () => {
    await withStatus([{ kind: 'jobDates', form: 'offset' }], (odd, _, instance) => {
      expect(Date.parse(String(odd['createdAt']))).toBe(instance.job(String(odd['exportId'])).createdAt);
    });
  });
});

describe('a failed job', () => {
  it('tells what it likes, with the access token in it', async () => {
    const message = 'bad row of jane@example.com, token {token}';
    await withStatus([{ kind: 'jobFails', message }], (odd, _, instance) => {
      const token = instance.simulator.identity.issue().access_token;
      expect(odd).toMatchObject({ status: 'Failed', errorMsg: `bad row of jane@example.com, token ${token}` });
    });
  });

  it('tells 3 MB of it', async () => {
    await withStatus([{ kind: 'jobFails', message: 'no', bytes: 3_000_000 }], ({ errorMsg }) => {
      expect(errorMsg).toHaveLength(3_000_000);
    });
  });

  it.each(['jobFails', 'jobStuck'] as const)('may be one over too long a range alone: %s', async (kind) => {
    await withInstance({}, async (instance) => {
      const effect: FaultEffect =
        kind === 'jobFails' ? { kind, longerThanDays: 10 } : { kind, status: 'Processing', longerThanDays: 10 };
      instance.simulator.faults.inject({ endpoint: 'create', effect });
      const over = async (days: number): Promise<unknown> => {
        const endAt = new Date(FROM + days * DAY).toISOString().replace('.000Z', 'Z');
        const filter = { createdAt: { startAt: '2024-01-01T00:00:00Z', endAt } };
        return (await instance.status(await instance.completed({ ...CREATE, filter })))['status'];
      };
      expect(await over(10)).toBe('Completed');
      expect(await over(11)).toBe(kind === 'jobFails' ? 'Failed' : 'Processing');
    });
  });
});

describe('the clock of an instance that is wrong', () => {
  it('shows in all dates that it tells of itself, and in nothing that it does', async () => {
    await withInstance({ clockSkewSeconds: -2 * 86_400 }, async (instance) => {
      const exportId = await instance.completed();
      expect(await instance.status(exportId)).toMatchObject({
        status: 'Completed',
        createdAt: '2024-10-25T00:00:00Z',
        finishedAt: '2024-10-25T00:01:00Z',
      });
      const answer = await instance.file(exportId);
      const skew = Date.parse(answer.headers.get('date') ?? '') - Date.now();
      expect(Math.abs(skew + 2 * 86_400_000)).toBeLessThan(600_000);
      const range = 'startAt=2024-01-01T00:00:00Z&endAt=2024-01-31T23:59:59Z&fields=email,createdAt';
      expect((await answer.text()).trimEnd()).toBe((await ask(instance, `expected?${range}`)).trimEnd());
      expect(errorOf(await instance.enqueue(exportId))).toMatch(/^1003 /);
    });
  });
});
