import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { LeadCatalog, type CatalogOptions } from '../../simulator/leads/catalog.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const BLOCK = 31 * DAY;
const FROM = Date.parse('2024-01-01T00:00:00Z');

function catalogOf(options: Partial<CatalogOptions> = {}): LeadCatalog {
  return new LeadCatalog({
    seed: 1,
    leads: 1000,
    from: FROM,
    until: FROM + 200 * DAY,
    idBase: 0,
    paddingBytes: 0,
    halfSeconds: false,
    filterIgnoresFractions: true,
    ...options,
  });
}

const seeds = fc.nat({ max: 2 ** 31 });

describe('the leads of an instance', () => {
  it('are as many as was asked for, in order of creation, with ids of their own', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 2000 }), (seed, leads) => {
        const catalog = catalogOf({ seed, leads });
        expect(catalog.leads).toBe(leads);
        const ids = new Set<number>();
        for (let index = 0; index < leads; index++) {
          ids.add(catalog.id(index));
          if (index > 0) expect(catalog.createdAt(index)).toBeGreaterThanOrEqual(catalog.createdAt(index - 1));
        }
        expect(ids.size).toBe(leads);
      }),
      { numRuns: 30 },
    );
  });

  it('are all in the windows of the recipe, and some of them twice', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const catalog = catalogOf({ seed });
        const found: number[] = [];
        for (let start = FROM; start <= FROM + 200 * DAY; start += BLOCK) {
          found.push(...catalog.inRange(start, start + BLOCK - 1000));
        }
        expect(new Set(found).size).toBe(catalog.leads);
        expect(found.length).toBeGreaterThan(catalog.leads);
      }),
      { numRuns: 20 },
    );
  });

  it('stand at the first and the last second of a block', () => {
    const catalog = catalogOf();
    const [first] = catalog.inRange(FROM, FROM);
    expect(first).toBe(0);
    const last = [...catalog.inRange(FROM + BLOCK - 1000, FROM + BLOCK - 1000)];
    expect(last.map((index) => catalog.createdAt(index))).toContain(FROM + BLOCK - 1000);
    const [next] = catalog.inRange(FROM + BLOCK, FROM + BLOCK);
    expect(catalog.createdAt(next ?? 0)).toBe(FROM + BLOCK);
  });

  it('of the first hour of a block come back at the end of a range just before it', () => {
    const catalog = catalogOf();
    const before = new Set(catalog.inRange(FROM, FROM + BLOCK - 1000));
    const early = [...catalog.inRange(FROM + BLOCK, FROM + BLOCK + HOUR)].filter((index) => before.has(index));
    expect(early.length).toBeGreaterThan(0);
    expect([...before].slice(-early.length)).toEqual(early);
  });

  it('leave some blocks empty', () => {
    const catalog = catalogOf();
    const counts = Array.from({ length: 6 }, (_, block) => {
      const start = FROM + block * BLOCK;
      return [...catalog.inRange(start, start + BLOCK - 1000)].filter(
        (index) => catalog.createdAt(index) >= start && catalog.createdAt(index) < start + BLOCK,
      ).length;
    });
    expect(counts).toContain(0);
    expect(counts[0]).toBeGreaterThan(0);
  });

  it.each([
    [true, 'in'],
    [false, 'out'],
  ])('at half seconds are taken %s by a filter that ignores fractions or not', (filterIgnoresFractions, where) => {
    const catalog = catalogOf({ halfSeconds: true, filterIgnoresFractions });
    const half = Array.from({ length: catalog.leads }, (_, index) => index).filter(
      (index) => catalog.createdAt(index) % 1000 === 500,
    );
    expect(half.length).toBeGreaterThan(0);
    const second = Math.floor(catalog.createdAt(half[0] ?? 0) / 1000) * 1000;
    expect([...catalog.inRange(second - HOUR, second)].includes(half[0] ?? -1)).toBe(where === 'in');
    // A range that shares the boundary second finds it either way.
    expect([...catalog.inRange(second, second + 1000)]).toContain(half[0]);
  });

  it('have ids beyond 32 bits where they are asked for', () => {
    const catalog = catalogOf({ idBase: 2 ** 32 });
    expect(catalog.id(0)).toBeGreaterThan(2 ** 32);
    const [row] = parse(catalog.row(0, catalog.fields));
    expect(row?.[catalog.fields.findIndex(({ name }) => name === 'id')]).toBe(String(catalog.id(0)));
  });

  it('are the same again for the same seed', () => {
    fc.assert(
      fc.property(seeds, fc.nat({ max: 999 }), (seed, index) => {
        const [a, b] = [catalogOf({ seed }), catalogOf({ seed })];
        expect(a.row(index, a.fields)).toBe(b.row(index, b.fields));
      }),
      { numRuns: 50 },
    );
  });
});

describe('the rows of an instance', () => {
  const catalog = catalogOf({ leads: 3000 });
  const rows = Array.from({ length: 3000 }, (_, index) => catalog.row(index, catalog.fields));
  const text = rows.join('\n');

  it('are read back by csv-parse, but for those with stray quotes', () => {
    const sound = rows.filter((row) => !/"first"Name1"|"a "b" c"|"x"y, z"/.test(row));
    expect(sound.length).toBeLessThan(rows.length);
    const parsed = parse(sound.join('\n'), { record_delimiter: '\n' });
    expect(parsed).toHaveLength(sound.length);
    expect(new Set(parsed.map((row) => row.length))).toEqual(new Set([catalog.fields.length]));
  });

  it.each([
    ['quoted line feeds', /"line one\nline two"/],
    ['quoted CRLFs', /one\r\n\r\nline/],
    ['lone carriage returns', /lone \r carriage/],
    ['doubled quotes', /"says ""maybe"""/],
    ['stray quotes', /"first"Name1"/],
    ['NUL bytes', /NUL\u0000inside/],
    ['U+2028', /\u2028/],
    ['letters of four bytes', /😀/],
    ['the text null as a surname', /,null,lead\.\d+@example\.com/],
    ['empty text', /,,/],
    ['quotes at the end', /"ends with a quote"""/],
  ])('hold %s', (_, pattern) => {
    expect(text).toMatch(pattern);
  });
});
