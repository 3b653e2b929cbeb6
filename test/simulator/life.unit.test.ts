import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readOptions } from '../../simulator/options.js';
import { LeadCatalog } from '../../simulator/leads/catalog.js';
import type { LifeEvent, LifeEventKind } from '../../simulator/leads/life.js';
import { LivingLeads } from '../../simulator/leads/living-leads.js';
import { ask } from './control.js';
import { DAY, FROM, Instance, withInstance } from './instance.js';

const NOW = FROM + 300 * DAY;
const END = NOW + 30 * DAY;
const LIFE = { leads: 200, changesPerDay: 20, seed: 7 } as const;

function living(options: { changesPerDay?: number; seed?: number } = {}): LivingLeads {
  const catalog = new LeadCatalog(readOptions({ ...LIFE, ...options, now: NOW, from: FROM, until: FROM + 200 * DAY }));
  return new LivingLeads(catalog, options.changesPerDay ?? LIFE.changesPerDay, NOW);
}

const leads = living();
const FIELDS = leads.catalog.fields.filter(({ exportable }) => exportable);

function eventsOf(kind: LifeEventKind): readonly LifeEvent[] {
  return leads.events(END).filter((event) => event.kind === kind);
}

/** The values of a lead by field. */
function lead(index: number, at: number): Record<string, unknown> {
  const valueOf = leads.values(index, at);
  return Object.fromEntries(FIELDS.map((field) => [field.name, valueOf(field)]));
}

function changedFields({ index, at }: LifeEvent): string[] {
  const [before, after] = [lead(index, at - 1), lead(index, at)];
  return Object.keys(after).filter((name) => JSON.stringify(after[name]) !== JSON.stringify(before[name]));
}

describe('life', () => {
  it('is a function of the seed, whoever asks when', () => {
    const other = living();
    for (let at = NOW; at < END; at += DAY) other.events(at);
    expect(other.events(END)).toEqual(leads.events(END));
    expect(living({ seed: 8 }).events(END)).not.toEqual(leads.events(END));
  });

  it('has so many events in a day, of every kind', () => {
    expect(leads.events(NOW + DAY)).toHaveLength(LIFE.changesPerDay);
    const kinds = new Set(leads.events(END).map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(['changed', 'created', 'customChanged', 'deleted', 'merged']);
  });

  it('is none unless it is asked for', () => {
    const still = living({ changesPerDay: 0 });
    expect(still.events(END)).toEqual([]);
    expect([...still.all(END)]).toHaveLength(LIFE.leads);
    for (const index of [0, 50, LIFE.leads - 1])
      expect(still.row(index, FIELDS, END)).toBe(still.catalog.row(index, FIELDS));
  });

  it('gives a new lead an id of its own and the creation of its moment', () => {
    const ids = new Set<unknown>();
    for (const index of leads.all(NOW)) ids.add(leads.catalog.id(index));
    for (const { index, at } of eventsOf('created')) {
      expect(leads.exists(index, at - 1)).toBe(false);
      expect(lead(index, at)['createdAt']).toBe(new Date(at).toISOString().replace('.000Z', 'Z'));
      const id = leads.catalog.id(index);
      expect(ids.has(id)).toBe(false);
      expect(leads.indexOf(id, at)).toBe(index);
      ids.add(id);
    }
  });

  it('moves the visible updatedAt with standard fields', () => {
    for (const event of eventsOf('changed')) {
      expect(lead(event.index, event.at)['updatedAt']).toBe(new Date(event.at).toISOString().replace('.000Z', 'Z'));
      expect(changedFields(event)).not.toContain('Notes__c');
    }
  });

  it('leaves the visible updatedAt where it is when custom fields alone change', () => {
    for (const event of eventsOf('customChanged')) {
      const changed = changedFields(event);
      expect(changed).toContain('Notes__c');
      expect(changed.filter((name) => !/__c$|^utm_/.test(name))).toEqual([]);
    }
  });

  it('never changes id and createdAt of a lead', () => {
    for (const kind of ['changed', 'customChanged', 'merged'] as const) {
      for (const event of eventsOf(kind)) {
        expect(changedFields(event)).not.toContain('id');
        expect(changedFields(event)).not.toContain('createdAt');
      }
    }
  });

  it('takes deleted leads and the losers of merges away for good; the winner stays and changes', () => {
    for (const { index, at } of eventsOf('deleted')) {
      expect([leads.exists(index, at - 1), leads.exists(index, at), leads.exists(index, END)]).toEqual([
        true,
        false,
        false,
      ]);
    }
    for (const event of eventsOf('merged')) {
      expect(event.losers.length).toBeGreaterThan(0);
      for (const loser of event.losers)
        expect([leads.exists(loser, event.at - 1), leads.exists(loser, event.at)]).toEqual([true, false]);
      expect(changedFields(event)).toEqual(expect.arrayContaining(['updatedAt', 'Notes__c']));
    }
  });

  it('is in exactly one range of last changes', () => {
    const day = (start: number): number[] => [
      ...leads.inRange({ filter: 'updatedAt', startAt: start, endAt: start + DAY - 1000 }, END),
    ];
    const found: number[] = [];
    for (let start = FROM; start <= END; start += DAY) found.push(...day(start));
    expect(found.sort((a, b) => a - b)).toEqual([...leads.all(END)].sort((a, b) => a - b));
  });
});

describe('a living instance', () => {
  let instance: Instance;

  beforeAll(async () => {
    instance = await Instance.start({ ...LIFE, processingSeconds: [36_000, 36_000] });
  });

  afterAll(async () => {
    await instance.close();
  });

  it('writes the files of a job as the leads are at one moment of its processing', async () => {
    const range = { startAt: '2024-10-27T00:00:00Z', endAt: '2024-11-20T00:00:00Z' };
    const exportId = await instance.created({ fields: ['id', 'Notes__c'], filter: { updatedAt: range } });
    await instance.enqueue(exportId);
    const job = instance.job(exportId);
    for (let turn = 0; !job.facts && turn < 1000; turn++) await new Promise((resolve) => setTimeout(resolve, 5));
    instance.jump(36_001);
    const { living: all } = instance.simulator;
    const at = job.exportsAt ?? 0;
    expect(at).toBeGreaterThanOrEqual(job.startedAt ?? Infinity);
    expect(at).toBeLessThanOrEqual(job.finishedAt ?? 0);
    const file = await (await instance.file(exportId)).text();
    const fields = job.selection.fields;
    const rows = [...all.inRange(job.selection, at)].map((index) => all.row(index, fields, at));
    expect(rows.length).toBeGreaterThan(0);
    expect(file.replace(/\n$/, '')).toBe(['id,Notes__c', ...rows].join('\n'));
    expect(await (await instance.file(exportId)).text()).toBe(file);
    expect((await instance.status(exportId))['numberOfRecords']).toBe(rows.length);
  });

  it('tells its truth of any moment', async () => {
    const at = '2024-11-05T12:00:00Z';
    const text = await ask(instance, `leads?at=${at}&fields=updatedAt,email`);
    const { living: all, fields } = instance.simulator;
    const wanted = ['id', 'updatedAt', 'email'].flatMap((name) => fields.find(name) ?? []);
    const rows = [...all.all(Date.parse(at))].map((index) => all.row(index, wanted, Date.parse(at)));
    expect(text).toBe(`${['id,updatedAt,email', ...rows].join('\n')}\n`);
    expect((await fetch(`${instance.simulator.url}/simulator/leads`)).status).toBe(400);
  });

  it('knows by id only the leads that are there now', async () => {
    await withInstance(LIFE, async (other) => {
      const { living: all } = other.simulator;
      const gone = all.events(NOW + 10 * DAY).find(({ kind }) => kind === 'deleted');
      const id = all.catalog.id(gone?.index ?? NaN);
      const ids = async (): Promise<unknown[]> =>
        ((await other.get(`/rest/v1/leads.json?filterType=id&filterValues=${id}`)).result ?? []).map(
          (one) => one['id'],
        );
      expect(await ids()).toEqual([id]);
      other.jump((10 * DAY) / 1000);
      expect(await ids()).toEqual([]);
    });
  });
});
