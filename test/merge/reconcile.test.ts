import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Manifest, Reconciled } from '../../src/contract/manifest.js';
import type { Window } from '../../src/contract/windows.js';
import { makeOutput } from '../../src/merge/make-output.js';
import { reconcile, reconciledWarnings } from '../../src/merge/reconcile.js';
import { headObject, putBytes } from '../../src/storage/objects.js';
import { csv, Run } from '../parts/run.js';
import { setOf } from './outputs-in-memory.js';

let run: Run;

beforeEach(async () => {
  run = await Run.start();
});

afterEach(async () => {
  await run.stop();
});

async function manifest(): Promise<Manifest> {
  return JSON.parse((await run.read(run.output.manifest.key)).toString()) as Manifest;
}

/** Changes what the manifest of the output tells, as if it had been so. */
async function retell(change: Partial<Manifest>): Promise<void> {
  await putBytes(run.store, run.output.manifest, Buffer.from(JSON.stringify({ ...(await manifest()), ...change })));
}

/** Another full run over the output that is there. */
async function runAgain(...files: readonly (Buffer | undefined)[]): Promise<Manifest> {
  const plan = await run.planAnew({ request: 'again' });
  await run.commitAll(...files);
  const etagOf = async (location: typeof run.output.object): Promise<string | null> =>
    (await headObject(run.store, location))?.etag ?? null;
  const { output } = run;
  const [destinationEtag, of, schema, report, ids] = await Promise.all(
    [output.object, output.manifest, output.schema, output.report, output.ids].map(etagOf),
  );
  const accountEtags = { manifest: of ?? null, schema: schema ?? null, report: report ?? null, ids: ids ?? null };
  await makeOutput(run.mergeContext({ plan, destinationEtag: destinationEtag ?? null, accountEtags }));
  return manifest();
}

const lastWindow = (): Window => run.window(run.windows.length - 1);

describe('a full run over an earlier output', () => {
  beforeEach(async () => {
    await run.commitAll(csv(['1,a', '2,b', '3,c']), csv(['4,d']));
    await makeOutput(run.mergeContext());
    expect(await manifest()).not.toHaveProperty('reconciled');
  });

  it('counts the leads that were missing before, and those that are missing now', async () => {
    const { reconciled, warnings } = await runAgain(csv(['1,a', '3,c', '5,new']), csv(['4,d', '6,new']));
    expect(reconciled).toMatchObject({ leads: 4, appeared: 2, disappeared: 1 });
    expect(warnings).toEqual([
      expect.stringMatching(/^2 leads of the time up to the end of the output that was there were not in it/),
      expect.stringMatching(/^1 of the 4 leads that the output had are not in it any more/),
    ]);
  });

  it('takes no lead for one that was missing that was created since', async () => {
    await retell({ endAt: run.window(1).endAt });
    const { reconciled } = await runAgain(csv(['1,a', '2,b', '3,c']), csv(['4,d']), csv(['7,later']));
    expect(reconciled).toMatchObject({ leads: 4, appeared: 0, disappeared: 0 });
    expect(lastWindow().startAt > run.window(1).endAt).toBe(true);
  });

  it('names fields that came, went or are read as another type', async () => {
    const columns = [
      { name: 'id', dataType: 'integer', type: 'integer' },
      { name: 'email', dataType: 'date', type: 'date' },
      { name: 'gone', dataType: 'string', type: 'text' },
    ] as const;
    await retell({ columns });
    const file = csv(['1,a,x'], { header: 'id,email,fresh' });
    const { reconciled } = await runAgain(file);
    expect(reconciled).toMatchObject({ fieldsAdded: ['fresh'], fieldsRemoved: ['gone'], fieldsRetyped: ['email'] });
  });

  it.each([
    ['another instance', { instance: 'other.mktorest.com' }],
    ['a range that begins before', { startAt: '2023-01-01T00:00:00Z' }],
    ['another object', { etag: '"other"' }],
  ])('compares nothing with an output of %s', async (_, change) => {
    await retell(change);
    expect(await runAgain(csv(['1,a']))).not.toHaveProperty('reconciled');
  });
});

describe('what a full run found', () => {
  const found = (change: Partial<Reconciled>): Reconciled => ({
    ...{ leads: 1000, appeared: 0, disappeared: 0, fieldsAdded: [], fieldsRemoved: [], fieldsRetyped: [] },
    ...change,
  });

  it('counts no lead as missing that Marketo told to be gone', async () => {
    await run.commitAll(csv(['1,a', '2,b', '3,c']));
    await makeOutput(run.mergeContext());
    const told = await manifest();
    const [ids, now, merged, goneIds] = [setOf([1, 2, 3]), setOf([1]), setOf([]), setOf([2])];
    const record = { since: '', until: '', whole: true, idsSha256: '', mergedSha256: '' };
    const before = { manifest: told, ids };
    expect(reconcile(before, 0, now, undefined, told.columns)).toMatchObject({ leads: 3, disappeared: 2 });
    const gone = { record, ids: goneIds, merged };
    expect(reconcile(before, 0, now, gone, told.columns)).toMatchObject({ leads: 3, disappeared: 1 });
    for (const set of [ids, now, merged, goneIds]) set.dispose();
  });

  it('is worth a warning from more than one lead in a hundred on', () => {
    expect(reconciledWarnings(found({ appeared: 10, disappeared: 10 }))).toEqual([]);
    expect(reconciledWarnings(found({ appeared: 11 }))).toHaveLength(1);
    expect(reconciledWarnings(found({ disappeared: 11 }))).toHaveLength(1);
  });
});
