import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { IdSet } from '../../src/csv/id-set.js';
import type { MergeSummary } from '../../src/contract/activities.js';
import { disposeGone, writeGone } from '../../src/merge/gone-record.js';
import { makeOutput } from '../../src/merge/make-output.js';
import type { BaseRecord } from '../../src/plan/plan-record.js';
import { headObject } from '../../src/storage/objects.js';
import { csv, Run } from '../parts/run.js';

const GONE_UNTIL = '2024-03-20T00:00:00Z';

let run: Run;
beforeEach(async () => {
  run = await Run.start();
  await run.commitAll(csv(['1,a', '2,b']));
  await makeOutput(run.mergeContext());
});
afterEach(() => run.stop());

async function etagOf(location: Run['output']['object']): Promise<string> {
  return (await headObject(run.store, location))?.etag ?? '';
}

/** An update of the output that is there, planned with a base that may be another one by now. */
async function update(change: Partial<BaseRecord> = {}): Promise<MergeSummary> {
  const { output } = run;
  const [etag, manifest, schema, report, ids] = await Promise.all(
    [output.object, output.manifest, output.schema, output.report, output.ids].map(etagOf),
  );
  const accountEtags = { manifest: manifest ?? '', schema: schema ?? '', report: report ?? '', ids: ids ?? '' };
  const { startAt, endAt } = run.plan;
  const of = { workflowId: 'run', runId: 'earlier', startAt, endAt, leads: 2, goneUntil: GONE_UNTIL };
  const base = { ...of, etag: etag ?? '', manifestEtag: accountEtags.manifest, ...change };
  const plan = await run.planAnew({ mode: 'update', base });
  await run.commitAll(csv(['2,changed', '3,c']));
  const gone = { ids: new IdSet(), merged: new IdSet() };
  await writeGone(run.store, run.names, { since: GONE_UNTIL, until: GONE_UNTIL, whole: true }, gone);
  disposeGone(gone);
  return makeOutput(run.mergeContext({ plan, destinationEtag: etag ?? '', accountEtags }));
}

describe('an update', () => {
  it('goes over the output that it was planned with', async () => {
    expect(await update()).toMatchObject({ leads: 3, changes: { created: 1, updated: 1, gone: 0 } });
    expect((await run.read('out/leads.csv')).toString()).toBe('id,email\n1,a\n2,changed\n3,c\n');
  });

  it.each([{ etag: '"another"' }, { manifestEtag: '"another"' }])(
    'publishes nothing where that is another one by now: %j',
    async (change) => {
      const before = await run.read('out/leads.csv');
      await expect(update(change)).rejects.toMatchObject({
        type: 'MergeMismatch',
        message: expect.stringContaining('is another one by now'),
      });
      expect((await run.read('out/leads.csv')).equals(before)).toBe(true);
    },
  );
});
