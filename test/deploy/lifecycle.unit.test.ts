import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { runNames } from '../../src/parts/output-names.js';

interface Rule {
  readonly Status: string;
  readonly Filter: { readonly Prefix: string };
  readonly AbortIncompleteMultipartUpload?: { readonly DaysAfterInitiation: number };
  readonly Expiration?: { readonly Days: number };
}

const DESTINATION = 's3://bucket/exports/leads.csv';
const OUTPUT = 'exports/leads.csv';

describe("the bucket's lifecycle that comes along", () => {
  async function rules(): Promise<readonly Rule[]> {
    const file = new URL('../../deploy/s3/lifecycle.json', import.meta.url);
    return (JSON.parse(await readFile(file, 'utf8')) as { Rules: Rule[] }).Rules;
  }

  it('expires parts, but neither outputs nor what lies beside them', async () => {
    const { prefix } = runNames(DESTINATION, 'leads/123-ABC-456');
    const expiring = (await rules()).filter(({ Expiration }) => Expiration).map(({ Filter }) => Filter.Prefix);
    expect(expiring.some((expired) => prefix.startsWith(expired))).toBe(true);
    for (const kept of [OUTPUT, `${OUTPUT}.manifest.json`, `${OUTPUT}.report.html`]) {
      expect(expiring.filter((expired) => kept.startsWith(expired))).toEqual([]);
    }
  });

  it('keeps parts for longer than a run may take them over: 7 days', async () => {
    for (const { Expiration } of await rules()) if (Expiration) expect(Expiration.Days).toBeGreaterThan(7);
  });

  it('aborts what was never finished of parts and of outputs', async () => {
    const { prefix } = runNames(DESTINATION, 'leads/123-ABC-456');
    const aborting = (await rules()).filter((rule) => rule.AbortIncompleteMultipartUpload).map(({ Filter }) => Filter);
    for (const key of [OUTPUT, prefix]) expect(aborting.some(({ Prefix }) => key.startsWith(Prefix))).toBe(true);
  });
});
