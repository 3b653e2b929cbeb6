import { parse } from 'csv-parse/sync';
import { describe, expect, it } from '@jest/globals';
import { ask } from './control.js';
import { JANUARY, withInstance } from './instance.js';

const RANGE = `startAt=${JANUARY.startAt}&endAt=${JANUARY.endAt}`;

describe('the truth about the leads', () => {
  it('is what a right output says, where its quotes are in order', () =>
    withInstance({ stray: { values: ['plain'], oneIn: 97 } }, async (instance) => {
      const output = await ask(instance, `expected?${RANGE}`);
      const rows: Record<string, string>[] = parse(output, { columns: true });
      const fields = Object.keys(rows[0] ?? {}).join(',');
      const truth = (await ask(instance, `truth?${RANGE}&fields=${fields}`)).trimEnd().split('\n');
      const spelled = truth.map((line) => {
        const values = Object.entries(JSON.parse(line) as Record<string, string | null>);
        return Object.fromEntries(values.map(([name, value]) => [name, value ?? 'null']));
      });
      expect(rows.length).toBeGreaterThan(100);
      expect(spelled).toEqual(rows);
    }));

  it('is what stands between the outer quotes where the inner ones are not doubled', () =>
    withInstance({ stray: { values: ['"first"Name1"'], oneIn: 1 } }, async (instance) => {
      const [first = ''] = (await ask(instance, `truth?${RANGE}&fields=id,firstName`)).split('\n');
      expect(JSON.parse(first)).toEqual({ id: expect.stringMatching(/^\d+$/), firstName: 'first"Name1' });
    }));

  it('is not told of a field that there is not', () =>
    withInstance({}, async ({ simulator }) => {
      const answer = await fetch(`${simulator.url}/simulator/truth?${RANGE}&fields=nope`);
      expect([answer.status, await answer.text()]).toEqual([400, 'There is no field nope']);
    }));
});
