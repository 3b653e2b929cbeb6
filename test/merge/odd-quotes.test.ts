import { afterEach, describe, expect, it } from '@jest/globals';
import type { Manifest } from '../../src/contract/manifest.js';
import type { Quoting } from '../../src/contract/quoting.js';
import { makeOutput } from '../../src/merge/make-output.js';
import { csv, Run } from '../parts/run.js';

let run: Run;
afterEach(() => run.stop());

/** The manifest of an output of one file. */
async function manifestOf(quoting: Quoting, ...rows: string[]): Promise<Manifest> {
  run = await Run.start('out/leads.csv', { quoting });
  await run.commitAll(csv(rows));
  await makeOutput(run.mergeContext());
  return JSON.parse((await run.read(run.output.manifest.key)).toString()) as Manifest;
}

/** By the usual rule it is one record of two. */
const ODD = ['1,"Screen 15""', '2,b'];

describe('an output that leaves rows as they are', () => {
  it('tells of quotes that only another rule reads than the usual one: no update can begin with it', async () => {
    expect(await manifestOf('asIs', ...ODD)).toMatchObject({ leads: 2, oddQuotes: true });
  });

  it('tells of none where the usual rule reads them', async () => {
    expect(await manifestOf('asIs', '1,"first"Name1"', '2,b')).not.toHaveProperty('oddQuotes');
  });
});

describe('an output whose rows are quoted anew', () => {
  it('has no such quotes, whatever the files had', async () => {
    expect(await manifestOf('rfc4180', ...ODD)).not.toHaveProperty('oddQuotes');
  });
});
