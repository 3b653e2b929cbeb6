import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { PlanRef } from '../../src/contract/activities.js';
import { defined } from '../../src/contract/defined.js';
import { headObject, putBytes } from '../../src/storage/objects.js';
import type { ObjectLocation } from '../../src/storage/s3-url.js';
import { makeOutput } from '../../src/merge/make-output.js';
import type { MergeContext } from '../../src/merge/merge-context.js';
import { csv, rows, Run } from '../parts/run.js';

let run: Run;
/** What the run of today has pinned, after the plan of yesterday's went with its parts. */
let plan: PlanRef | undefined;
beforeEach(async () => {
  run = await Run.start();
  plan = undefined;
});
afterEach(() => run.stop());

/** A merge over what lies at the destination now. */
async function merge(options: Partial<MergeContext> = {}): Promise<unknown> {
  const etag = async (location: ObjectLocation): Promise<string | null> =>
    (await headObject(run.store, location))?.etag ?? null;
  const { object, manifest, schema, report, ids } = run.output;
  return makeOutput(
    run.mergeContext({
      destinationEtag: await etag(object),
      accountEtags: {
        manifest: await etag(manifest),
        schema: await etag(schema),
        report: await etag(report),
        ids: await etag(ids),
      },
      ...defined({ plan }),
      ...options,
    }),
  ).catch((error: unknown) => error);
}

const output = async (): Promise<string> => (await run.read(run.output.object.key)).toString();

/** Publishes an output of two leads as yesterday's run would, and begins today's. */
async function yesterday(): Promise<void> {
  await run.commitAll(csv(['1,a', '2,b']));
  expect(await merge()).toMatchObject({ leads: 2 });
  plan = await run.planAnew();
}

const NONE = [undefined, undefined, undefined] as const;

describe('an output of too few leads', () => {
  it('is not published where minLeads asks for more, and what is there stays', async () => {
    await yesterday();
    await run.commitAll(csv(rows(1, 9)));
    expect(await merge({ minLeads: 10 })).toMatchObject({
      type: 'TooFewLeads',
      message: 'The output would have 9 leads, and minLeads asks for 10: nothing was published',
    });
    expect(await output()).toBe('id,email\n1,a\n2,b\n');
    expect(await run.openUploads()).toEqual([]);
    expect(await merge({ minLeads: 9 })).toMatchObject({ leads: 9 });
  });

  it('is counted in leads, not in rows', async () => {
    await run.commitAll(csv(['1,a', '1,b', '2,c']), csv(['2,d']));
    expect(await merge({ minLeads: 3 })).toMatchObject({ type: 'TooFewLeads' });
    expect(await merge({ minLeads: 2 })).toMatchObject({ leads: 2, duplicates: 2 });
  });

  it('is by default one of none where there were some yesterday', async () => {
    await yesterday();
    await run.commitAll(...NONE);
    expect(await merge()).toMatchObject({ type: 'TooFewLeads', message: expect.stringContaining('"minLeads": 0') });
    expect(await output()).toBe('id,email\n1,a\n2,b\n');
    expect(await merge({ minLeads: 0 })).toMatchObject({ leads: 0 });
    expect(await output()).toBe('id,email\n');
  });

  it('is by default published where nothing is there', async () => {
    await run.commitAll(...NONE);
    expect(await merge()).toMatchObject({ leads: 0 });
  });

  it('is by default published over one of none', async () => {
    await run.commitAll(...NONE);
    await merge();
    plan = await run.planAnew();
    await run.commitAll(...NONE);
    expect(await merge()).toMatchObject({ leads: 0 });
  });

  it('is by default not published over an object that has no manifest, unless that is empty', async () => {
    await run.commitAll(...NONE);
    await putBytes(run.store, run.output.object, Buffer.from('id,email\n7,somebody\n'));
    expect(await merge()).toMatchObject({ type: 'TooFewLeads' });
    await putBytes(run.store, run.output.object, Buffer.alloc(0));
    expect(await merge()).toMatchObject({ leads: 0 });
  });
});
