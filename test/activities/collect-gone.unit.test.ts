import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { GoneSummary } from '../../src/contract/activities.js';
import { formatSeconds } from '../../src/contract/dates.js';
import { disposeGone, readGone } from '../../src/merge/gone-record.js';
import { goneSince, readPlan, type PlanRecord } from '../../src/plan/plan-record.js';
import { refusal, success } from '../marketo/helpers/scripted-marketo.js';
import { AttemptEnvironment } from './environment.js';
import { Fixture, RUN } from './fixture.js';

const DAY = 86_400_000;
const TOKEN = success(undefined, { nextPageToken: 'GIYDAOBNGEYS2MBWKQ====' });
const TYPES = success([{ id: 132, name: 'Merge Leads', attributes: [] }]);
const DENIED = refusal('603', 'Access denied');

let fixture: Fixture;

beforeEach(async () => {
  fixture = await Fixture.start();
});

afterEach(() => fixture.stop());

const page = (result: unknown): ReturnType<typeof success> =>
  success(result, { moreResult: false, nextPageToken: 'NEXT====' });

/** Marketo tells of a lead that was deleted and of one that was merged away. */
function willTell(deleted: number, merged: number): void {
  const deletion = { id: 1, leadId: deleted, activityTypeId: 37 };
  const merge = { id: 2, leadId: 1, activityTypeId: 132, attributes: [{ name: 'Merge IDs', value: `[${merged}]` }] };
  fixture.marketo.willReply(TOKEN, page([deletion]), TYPES, TOKEN, page([merge]));
}

function daysAgo(days: number): string {
  return formatSeconds(Math.floor((Date.now() - days * DAY) / 1000));
}

/** The plan of an update whose base knows of what is gone up to some days ago. */
function updateOf(days: number): Partial<PlanRecord> {
  const base = { workflowId: 'w', runId: 'r', etag: '"e"', manifestEtag: '"m"', leads: 5 };
  return {
    mode: 'update',
    base: { ...base, startAt: '2023-01-01T00:00:00Z', endAt: '2024-01-01T00:00:00Z', goneUntil: daysAgo(days) },
  };
}

async function collect(plan: Partial<PlanRecord>): Promise<GoneSummary> {
  const args = { plan: await fixture.plan(plan) };
  return new AttemptEnvironment().run(() => fixture.activities.collectGone(args));
}

/** The ids that are known to be gone, and those of them that were merged away. */
async function known(plan: Partial<PlanRecord>): Promise<{ ids: number[]; merged: number[]; whole: boolean }> {
  const ref = await fixture.plan(plan);
  const gone = await readGone(fixture.s3.store, RUN, goneSince(await readPlan(fixture.s3.store, ref)));
  if (!gone) throw new Error('Nothing is known');
  const low = (of: typeof gone.ids): number[] => [...of.entries()].map(([, id]) => id);
  const found = { ids: low(gone.ids), merged: low(gone.merged), whole: gone.record.whole };
  disposeGone(gone);
  return found;
}

describe('what is known of leads that are gone', () => {
  it('is added to by each collection, which asks from where the last one ended', async () => {
    const plan = updateOf(3);
    willTell(7, 8);
    expect(await collect(plan)).toMatchObject({ outcome: 'collected' });
    willTell(9, 10);
    await collect(plan);
    expect(await known(plan)).toEqual({ ids: [7, 8, 9, 10], merged: [8, 10], whole: true });
    const asked = fixture.marketo.requests.flatMap(({ query }) => query['sinceDatetime'] ?? []);
    expect(asked[0]).toBe(plan.base?.goneUntil);
    // Ten minutes before the first collection.
    expect(Date.now() - Date.parse(asked[2] ?? '')).toBeLessThan(DAY / 24);
  });

  it('holds neither names of people nor tokens', async () => {
    willTell(7, 8);
    await collect(updateOf(3));
    const kept = [...fixture.s3.objects].filter(([key]) => key.startsWith(RUN.prefix)).map(([, { bytes }]) => bytes);
    expect(kept.map((bytes) => bytes.toString('latin1')).join()).not.toMatch(/GIYDAO|NEXT====/);
  });
});

describe('a user who may not read activities', () => {
  it('has full runs go on without', async () => {
    fixture.marketo.willReply(DENIED);
    expect(await collect({})).toEqual({ outcome: 'noPermission' });
  });

  it('ends an update, which would keep leads that are gone', async () => {
    const args = { plan: await fixture.plan(updateOf(3)) };
    fixture.marketo.willReply(DENIED);
    const failure = await new AttemptEnvironment().failureOf(() => fixture.activities.collectGone(args));
    expect(failure).toMatchObject({ type: 'MarketoAccess', nonRetryable: true });
    expect(failure.message).toContain('Read-Only Activity');
  });
});

describe('deletions that Marketo has forgotten', () => {
  it('end an update', async () => {
    const args = { plan: await fixture.plan(updateOf(14)) };
    const failure = await new AttemptEnvironment().failureOf(() => fixture.activities.collectGone(args));
    expect(failure).toMatchObject({ type: 'BaseTooOld', nonRetryable: true });
    expect(fixture.calls()).toEqual([]);
  });

  it('are told of in a full run, which knows a part only', async () => {
    const plan = { plannedAt: new Date(Date.now() - 14 * DAY).toISOString() };
    willTell(7, 8);
    expect(await collect(plan)).toMatchObject({ outcome: 'collected' });
    expect(await known(plan)).toEqual({ ids: [7, 8], merged: [8], whole: false });
  });
});
