import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CREATE, DAY, errorOf, FROM, Instance, JANUARY, withInstance } from './instance.js';

let instance: Instance;

beforeEach(async () => {
  instance = await Instance.start();
});

afterEach(async () => {
  await instance.close();
});

async function enqueued(count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let job = 0; job < count; job++) {
    const exportId = await instance.created();
    expect((await instance.enqueue(exportId)).success).toBe(true);
    ids.push(exportId);
  }
  return ids;
}

describe('a job', () => {
  it('is queued, processed and completed, and its status tells so a simulated minute late', async () => {
    const exportId = await instance.created();
    expect(await instance.status(exportId)).toMatchObject({ status: 'Created' });
    expect((await instance.enqueue(exportId)).result).toMatchObject([{ exportId, status: 'Queued' }]);
    expect(instance.job(exportId).state).toBe('Processing');
    expect(await instance.status(exportId)).toMatchObject({ status: 'Created' });
    instance.jump(59);
    expect(await instance.status(exportId)).toMatchObject({ status: 'Created' });
    instance.jump(1);
    await instance.run(exportId);
    const status = await instance.status(exportId);
    expect(status).toEqual({
      exportId,
      format: 'CSV',
      status: 'Completed',
      createdAt: '2024-10-27T00:00:00Z',
      queuedAt: '2024-10-27T00:00:00Z',
      startedAt: '2024-10-27T00:00:00Z',
      finishedAt: '2024-10-27T00:01:00Z',
      numberOfRecords: expect.any(Number),
      fileSize: expect.any(Number),
      fileChecksum: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
  });

  it('tells neither size nor checksum where it has no records', async () => {
    const range = { startAt: '2023-01-01T00:00:00Z', endAt: '2023-01-10T00:00:00Z' };
    const exportId = await instance.completed({ ...CREATE, filter: { createdAt: range } });
    const status = await instance.status(exportId);
    expect(status).toMatchObject({ status: 'Completed', numberOfRecords: 0 });
    expect(status).not.toHaveProperty('fileSize');
    expect(status).not.toHaveProperty('fileChecksum');
  });

  it('is noted where its status is asked for twice in a minute', async () => {
    const exportId = await instance.created();
    await instance.status(exportId);
    instance.jump(60);
    await instance.status(exportId);
    expect(instance.simulator.calls.violations).toEqual([]);
    instance.jump(59);
    await instance.status(exportId);
    expect(instance.simulator.calls.violations).toEqual([`status of ${exportId} asked again within a minute`]);
  });

  it.each(['enqueue', 'cancel'] as const)('that does not exist is refused to %s', async (call) => {
    expect(errorOf(await instance[call]('4f2b9115-c3f2-4e40-a87c-bf803bbfed99'))).toMatch(/^1013 /);
  });

  it('that does not exist has no status', async () => {
    expect(errorOf(await instance.get('/bulk/v1/leads/export/none/status.json'))).toMatch(/^1013 /);
  });

  it('is forgotten 30 days after its end', async () => {
    const exportId = await instance.completed();
    instance.jump(29 * 86_400);
    expect(await instance.status(exportId)).toMatchObject({ status: 'Completed' });
    instance.jump(86_400);
    expect(errorOf(await instance.get(`/bulk/v1/leads/export/${exportId}/status.json`))).toMatch(/^1013 /);
  });
});

describe('the queue', () => {
  it('runs two jobs at once', async () => {
    const ids = await enqueued(4);
    expect(ids.map((id) => instance.job(id).state)).toEqual(['Processing', 'Processing', 'Queued', 'Queued']);
    await instance.run(ids[0] ?? '');
    expect(ids.map((id) => instance.job(id).state)).toEqual(['Completed', 'Completed', 'Processing', 'Processing']);
    expect(instance.simulator.jobs.mostRunning).toBe(2);
  });

  it('holds ten jobs, those that run included', async () => {
    const ids = await enqueued(10);
    const eleventh = await instance.created();
    expect(errorOf(await instance.enqueue(eleventh))).toBe('1029 Too many jobs (10) in queue');
    expect(instance.job(eleventh).state).toBe('Created');
    await instance.cancel(ids[9] ?? '');
    expect((await instance.enqueue(eleventh)).success).toBe(true);
    expect(instance.simulator.jobs.mostQueuedOrRunning).toBe(10);
  });

  it('is shared with other integrations', async () => {
    const [first] = await enqueued(1);
    instance.simulator.jobs.foreignQueued = 9;
    const second = await instance.created();
    expect(errorOf(await instance.enqueue(second))).toBe('1029 Too many jobs (10) in queue');
    await instance.run(first ?? '');
    expect((await instance.enqueue(second)).success).toBe(true);
  });

  it('says that a job is in it already, running or not, even when it is full', async () => {
    const ids = await enqueued(10);
    for (const id of [ids[0] ?? '', ids[9] ?? ''])
      expect(errorOf(await instance.enqueue(id))).toBe('1029 Job already queued');
  });

  it('takes no job that has ended', async () => {
    const completed = await instance.completed();
    const cancelled = await instance.created();
    await instance.cancel(cancelled);
    expect(errorOf(await instance.enqueue(completed))).toMatch(/^1003 /);
    expect(errorOf(await instance.enqueue(cancelled))).toMatch(/^1003 /);
  });
});

describe('cancelling', () => {
  it.each(['Created', 'Queued', 'Processing'])('ends a job that is %s and frees its place', async (state) => {
    const [first, , third] = await enqueued(3);
    const id = { Created: await instance.created(), Queued: third, Processing: first }[state] ?? '';
    expect(instance.job(id).state).toBe(state);
    expect((await instance.cancel(id)).result).toMatchObject([{ exportId: id, status: 'Cancelled' }]);
    expect(await instance.status(id)).toMatchObject({ status: 'Cancelled' });
    expect(instance.simulator.jobs.active().map(({ exportId }) => exportId)).not.toContain(id);
  });

  it('does nothing to a job that has ended', async () => {
    const exportId = await instance.completed();
    expect(errorOf(await instance.cancel(exportId))).toMatch(/^1003 /);
    expect(instance.job(exportId).state).toBe('Completed');
  });
});

describe('the list', () => {
  it('comes in pages', async () => {
    const ids = [await instance.created(), await instance.created(), await instance.created()];
    const first = await instance.list('?batchSize=2');
    expect(first.result?.map(({ exportId }) => exportId)).toEqual(ids.slice(0, 2));
    const second = await instance.list(`?batchSize=2&nextPageToken=${first.nextPageToken ?? ''}`);
    expect(second.result?.map(({ exportId }) => exportId)).toEqual(ids.slice(2));
    expect(second).not.toHaveProperty('nextPageToken');
    expect(errorOf(await instance.list('?batchSize=301'))).toMatch(/^1003 /);
  });

  it('has no result where there are no jobs', async () => {
    const answer = await instance.list();
    expect(answer.success).toBe(true);
    expect(answer).not.toHaveProperty('result');
  });

  it('is filtered by status in both spellings that are in use', async () => {
    const created = await instance.created();
    await enqueued(1);
    const completed = await instance.completed();
    const ids = async (query: string): Promise<unknown[]> =>
      ((await instance.list(query)).result ?? []).map(({ exportId }) => exportId);
    expect(await ids('?status=Created')).toEqual([created]);
    expect(await ids('?status=created,completed')).toEqual(expect.arrayContaining([created, completed]));
    expect(await ids('?status=created&status=queued')).toEqual([created]);
    expect(await ids('?status=failed')).toEqual([]);
  });

  it('shows jobs of the last 7 days, and no filter or fields', async () => {
    const exportId = await instance.created();
    const { result = [] } = await instance.list();
    expect(result).toEqual([{ exportId, format: 'CSV', status: 'Created', createdAt: expect.any(String) }]);
    instance.jump(7 * 86_400 + 1);
    expect((await instance.list()).result).toBeUndefined();
  });
});

describe('the daily quota', () => {
  const atNoon = Date.parse('2024-06-12T17:00:00Z');

  it('is used up by what jobs have written, and only when it is exceeded', async () => {
    await withInstance({ now: atNoon, dailyQuotaBytes: 1 }, async (poor) => {
      const first = await poor.created();
      const second = await poor.created();
      await poor.enqueue(first);
      await poor.enqueue(second);
      expect(poor.simulator.jobs.quotaExceeded).toBe(false);
      await poor.run(first);
      expect(poor.job(first).state).toBe('Completed');
      expect(errorOf(await poor.create())).toBe('1029 Export daily quota 0MB exceeded.');
      // What is queued runs to its end all the same.
      await poor.run(second);
      expect(poor.job(second).state).toBe('Completed');
      expect((await poor.file(second)).status).toBe(200);
    });
  });

  it('is not exceeded by exactly its bytes', async () => {
    const probe = await instance.completed();
    const bytes = instance.job(probe).facts?.bytes ?? 0;
    expect(bytes).toBeGreaterThan(0);
    for (const [quota, exceeded] of [
      [bytes, false],
      [bytes - 1, true],
    ] as const) {
      await withInstance({ dailyQuotaBytes: quota }, async (other) => {
        await other.completed();
        expect(other.simulator.jobs.quotaExceeded).toBe(exceeded);
      });
    }
  });

  it('closes create and enqueue alike, and nothing else', async () => {
    const created = await instance.created();
    const completed = await instance.completed();
    instance.simulator.jobs.exhaustQuota();
    expect(errorOf(await instance.create())).toBe('1029 Export daily quota 500MB exceeded.');
    expect(errorOf(await instance.enqueue(created))).toBe('1029 Export daily quota 500MB exceeded.');
    expect((await instance.status(completed))['status']).toBe('Completed');
    expect((await instance.file(completed)).status).toBe(200);
    expect((await instance.list()).success).toBe(true);
  });

  it.each([
    ['in winter', '2024-01-20T05:59:59Z'],
    ['in summer', '2024-06-12T04:59:59Z'],
    ['on the evening before clocks go forward', '2024-03-10T05:59:59Z'],
    ['on the day when they did', '2024-03-11T04:59:59Z'],
    ['on the evening before clocks go back', '2024-11-03T04:59:59Z'],
    ['on the day when they did', '2024-11-04T05:59:59Z'],
  ])('comes back at midnight Central %s', async (_, lastSecond) => {
    await withInstance({ now: Date.parse(lastSecond) }, async (other) => {
      const exportId = await other.created();
      other.simulator.jobs.exhaustQuota();
      expect(errorOf(await other.enqueue(exportId))).toBe('1029 Export daily quota 500MB exceeded.');
      other.jump(1);
      expect((await other.enqueue(exportId)).success).toBe(true);
    });
  });

  it('is charged to the day on which a job ends', async () => {
    // Midnight comes while the job runs.
    await withInstance({ now: Date.parse('2024-06-13T04:59:30Z'), dailyQuotaBytes: 1 }, async (other) => {
      await other.completed();
      expect(other.simulator.jobs.quotaExceeded).toBe(true);
      other.jump(86_400);
      expect(other.simulator.jobs.quotaExceeded).toBe(false);
    });
  });
});

describe('an instance', () => {
  it('is the same again for the same seed, and another for another', async () => {
    const facts = async (seed: number): Promise<unknown> => {
      const other = await Instance.start({ seed, processingSeconds: [60, 60], until: FROM + 60 * DAY });
      try {
        const exportId = await other.completed({ ...CREATE, filter: { createdAt: JANUARY } });
        return (await other.status(exportId))['fileChecksum'];
      } finally {
        await other.close();
      }
    };
    const first = await facts(7);
    expect(await facts(7)).toBe(first);
    expect(await facts(8)).not.toBe(first);
  });
});
