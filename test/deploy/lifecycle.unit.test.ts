import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { LIFECYCLE_DAYS, TAKE_OVER_DAYS } from '../../src/contract/limits.js';
import { outputNames, runNames } from '../../src/parts/output-names.js';

interface Rule {
  readonly Status: string;
  readonly Filter: { readonly Prefix: string };
  readonly AbortIncompleteMultipartUpload?: { readonly DaysAfterInitiation: number };
  readonly Expiration?: { readonly Days: number };
}

const OUTPUT = outputNames('s3://bucket/exports/leads.csv');
const RUN = runNames(OUTPUT, 'leads/123-ABC-456');

describe("the bucket's lifecycle that comes along", () => {
  async function rules(): Promise<readonly Rule[]> {
    const file = new URL('../../deploy/s3/lifecycle.json', import.meta.url);
    return (JSON.parse(await readFile(file, 'utf8')) as { Rules: Rule[] }).Rules;
  }

  it('expires parts, but neither outputs nor what lies beside them', async () => {
    const expiring = (await rules()).filter(({ Expiration }) => Expiration).map(({ Filter }) => Filter.Prefix);
    expect(expiring.some((expired) => RUN.prefix.startsWith(expired))).toBe(true);
    for (const { key } of [OUTPUT.object, OUTPUT.manifest, OUTPUT.schema, OUTPUT.report]) {
      expect(expiring.filter((expired) => key.startsWith(expired))).toEqual([]);
    }
  });

  it('keeps parts and uploads for longer than a run may take them over', async () => {
    expect(LIFECYCLE_DAYS).toBeGreaterThan(TAKE_OVER_DAYS);
    const all = await rules();
    expect(all.flatMap(({ Expiration }) => Expiration?.Days ?? [])).toEqual([LIFECYCLE_DAYS]);
    expect(all.flatMap((rule) => rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation ?? [])).toEqual([
      LIFECYCLE_DAYS,
    ]);
  });

  it('aborts what was never finished of parts and of outputs', async () => {
    const aborting = (await rules()).filter((rule) => rule.AbortIncompleteMultipartUpload).map(({ Filter }) => Filter);
    for (const key of [OUTPUT.object.key, RUN.prefix]) {
      expect(aborting.some(({ Prefix }) => key.startsWith(Prefix))).toBe(true);
    }
  });
});
