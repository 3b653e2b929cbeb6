import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { cli } from './cli.js';

let connection: Connection;
let client: Client;
beforeAll(async () => {
  connection = await Connection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? '' });
  client = new Client({ connection });
});
afterAll(async () => {
  await connection.close();
});

let destination: string;
let id: string;
beforeEach(() => {
  const key = randomUUID();
  destination = `s3://bucket/${key}`;
  id = `extract-leads/bucket/${key}`;
});

describe('schedule', () => {
  it('creates a schedule whose runs never overlap, lists it and deletes it', async () => {
    const created = await cli([
      ...['schedule', 'create', '--cron', '0 3 * * 0', '--time-zone', 'America/Chicago', '--catch-up', '2 hours'],
      ...['--destination', destination, '--fields', 'email', '--task-queue', 'some-queue'],
    ]);
    expect(created).toMatchObject({ code: 0, stderr: '' });
    expect(created.stdout).toMatch(new RegExp(`^Created schedule "${id}"\\. Next run at \\d{4}-.* 0[89]:00 UTC\n$`));
    const description = await client.schedule.getHandle(id).describe();
    expect(description.policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 7_200_000 });
    expect(description.spec.timezone).toBe('America/Chicago');
    expect(description.action).toMatchObject({
      workflowType: 'extractLeads',
      workflowId: id,
      taskQueue: 'some-queue',
      args: [{ destination, fields: ['email'] }],
    });

    const listed = await untilListed(id);
    expect(listed).toContain('0 3 * * 0 America/Chicago · Next run at ');
    expect(await cli(['schedule', 'delete', '--destination', destination])).toMatchObject({ code: 0 });
    const again = await cli(['schedule', 'delete', '--schedule-id', id]);
    expect(again).toMatchObject({ code: 1, stderr: `There is no schedule "${id}". See schedule list.\n` });
  });

  it('makes a pair of nightly updates and weekly full runs, found and deleted together', async () => {
    const pair = ['--mode', 'update', '--cron', '15 2 * * *', '--full-cron', '0 6 * * 6', '--destination', destination];
    const created = await cli(['schedule', 'create', ...pair, '--json']);
    expect(JSON.parse(created.stdout)).toMatchObject({ scheduleId: id, full: { scheduleId: `${id}/full` } });
    const [update, full] = await Promise.all(
      [id, `${id}/full`].map((scheduleId) => client.schedule.getHandle(scheduleId).describe()),
    );
    expect(update?.action).toMatchObject({ workflowId: id, args: [{ destination, mode: 'update' }] });
    expect(full?.action).toMatchObject({ workflowId: `${id}/full`, args: [{ destination, mode: 'full' }] });
    expect(await untilListed(`${id}/full`)).toContain(`${destination} · full`);
    const deleted = await cli(['schedule', 'delete', '--destination', destination]);
    expect(deleted.stdout).toContain(`Deleted schedule "${id}/full".`);
    await expect(client.schedule.getHandle(`${id}/full`).describe()).rejects.toThrow(/not found/);
  });

  it('makes no half of a pair, and full runs beside updates only', async () => {
    const create = ['schedule', 'create', '--destination', destination, '--cron', '@daily', '--full-cron', 'at noon'];
    expect(await cli([...create, '--mode', 'update'])).toMatchObject({ code: 1 });
    await expect(client.schedule.getHandle(id).describe()).rejects.toThrow(/not found/);
    expect(await cli(create)).toMatchObject({ code: 2, stderr: expect.stringContaining('goes with --mode update') });
  });

  it('gives each run an id of its own', async () => {
    const args = ['--destination', destination, '--task-queue', `none-${id}`];
    await cli(['schedule', 'create', '--cron', '@yearly', ...args]);
    const handle = client.schedule.getHandle(id);
    await handle.trigger();
    const started = async () => (await handle.describe()).info.recentActions[0]?.action.workflow.workflowId;
    let workflowId = await started();
    while (workflowId === undefined) workflowId = await started();
    expect(workflowId).toMatch(new RegExp(`^${id}-\\d{4}-`));
    await client.workflow.getHandle(workflowId).terminate();
    await handle.delete();
  });

  it('refuses a second schedule of the same id, a wrong cron expression and a wrong input', async () => {
    const create = ['schedule', 'create', '--destination', destination, '--cron'];
    expect((await cli([...create, '@daily'])).code).toBe(0);
    const second = await cli([...create, '@daily']);
    expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining(`There is a schedule "${id}" already`) });
    await client.schedule.getHandle(id).delete();
    const wrong = await cli([...create, 'at noon']);
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('Temporal refuses the schedule') });
    const input = await cli(['schedule', 'create', '--cron', '@daily', '--destination', 'nowhere']);
    expect(input).toMatchObject({ code: 1, stderr: expect.stringContaining('destination: got "nowhere"') });
  });
});

/** The list as soon as it holds a schedule: lists are eventually consistent. */
async function untilListed(scheduleId: string): Promise<string> {
  for (;;) {
    const { stdout } = await cli(['schedule', 'list']);
    if (stdout.includes(scheduleId) && stdout.slice(stdout.indexOf(scheduleId)).includes('Next run')) return stdout;
  }
}
