import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { crc32 } from '../../src/bytes/crc32.js';
import { sha256 } from '../../src/bytes/sha256.js';
import { IdSet } from '../../src/csv/id-set.js';
import { deduplicate, type Contribution } from '../../src/merge/deduplicate.js';
import type { CommitRecord, CommittedPart } from '../../src/parts/commit-record.js';
import { outputNames, partNames, runNames } from '../../src/parts/output-names.js';
import { PartVerifier } from '../../src/parts/part-verifier.js';
import { valuesSlowly } from '../csv/reference-scanner.js';
import { MemoryS3 } from '../helpers/memory-s3.js';

const RUN = runNames(outputNames('s3://bucket/leads.csv'), 'run');
const HEADER = 'id\n';

let s3: MemoryS3;

beforeAll(async () => {
  s3 = await MemoryS3.start();
});

afterAll(async () => {
  await s3.stop();
});

/** The committed part of a window with these ids, a row each. */
function commit(startAt: string, ids: readonly number[], told: { cardinality?: number } = {}): CommitRecord {
  const names = partNames(RUN, { startAt }, 'job');
  const set = new IdSet();
  for (const id of ids) set.add(0, id);
  const [idBytes, body] = [set.serialize(), HEADER + ids.map((id) => `${id}\n`).join('')];
  const cardinality = told.cardinality ?? set.cardinality;
  set.dispose();
  s3.put(names.part, body);
  s3.put(names.ids, idBytes);
  return {
    version: 2,
    instance: 'host',
    startAt,
    endAt: startAt,
    fieldsSha256: sha256('fields'),
    exportId: 'job',
    records: ids.length,
    warnings: [],
    part: {
      key: names.part,
      etag: s3.objects.get(names.part)?.etag ?? '',
      partBytes: body.length,
      bytes: body.length,
      sha256: sha256(body),
      headerStart: 0,
      bodyStart: HEADER.length,
      emptyLines: 0,
      headerSha256: sha256(HEADER),
      bodyCrc32: 0,
      idsKey: names.ids,
      idsEtag: s3.objects.get(names.ids)?.etag ?? '',
      idsBytes: idBytes.length,
      idsSha256: sha256(idBytes),
      cardinality,
      duplicatesInside: ids.length - cardinality,
      quoteRule: 'tolerant',
      unreadableRecords: 0,
      lineEnd: '\n',
    },
    verifiedAt: '2024-06-01T00:00:00.000Z',
  };
}

function runAsIs(...records: readonly CommitRecord[]): Promise<Contribution[]> {
  return deduplicate(
    { store: s3.store, run: RUN, signal: new AbortController().signal },
    { quoting: 'asIs' },
    records,
    { seen: new IdSet(), gone: new IdSet() },
  );
}

function run(...records: readonly CommitRecord[]): Promise<Contribution[]> {
  return deduplicate(
    { store: s3.store, run: RUN, signal: new AbortController().signal },
    { quoting: 'rfc4180' },
    records,
    { seen: new IdSet(), gone: new IdSet() },
  );
}

/** The committed part of a window with this file, which ends with a line end, as its transfer verified it. */
function commitFile(startAt: string, file: string, change: Partial<CommittedPart> = {}): CommitRecord {
  const bytes = Buffer.from(file);
  const names = partNames(RUN, { startAt }, 'job');
  const verifier = new PartVerifier({ bytes: bytes.length, sha256: sha256(bytes) }, 'tolerant');
  verifier.push(bytes);
  const { contents } = verifier.end();
  if ('problem' in contents) throw new Error(contents.problem);
  const { header, ids, records, columnNames, emptyLines, bodyCrc32, quoteRule, unreadableRecords, lineEnd } = contents;
  const idBytes = ids.serialize();
  const { cardinality } = ids;
  ids.dispose();
  s3.put(names.part, file);
  s3.put(names.ids, idBytes);
  return {
    ...commit(`${startAt} beside`, []),
    startAt,
    records,
    part: {
      key: names.part,
      etag: s3.objects.get(names.part)?.etag ?? '',
      partBytes: bytes.length,
      bytes: bytes.length,
      sha256: sha256(bytes),
      headerStart: 0,
      bodyStart: header.length,
      headerSha256: sha256(header),
      columns: [...columnNames],
      emptyLines,
      bodyCrc32,
      idsKey: names.ids,
      idsEtag: s3.objects.get(names.ids)?.etag ?? '',
      idsBytes: idBytes.length,
      idsSha256: sha256(idBytes),
      cardinality,
      duplicatesInside: records - cardinality,
      quoteRule,
      unreadableRecords,
      lineEnd,
      ...change,
    },
  };
}

/** The rows that windows add to the output, each range of them checked against its CRC-32. */
function rowsOf(contributions: readonly Contribution[]): string {
  const ranges = contributions.flatMap(({ sources }) => sources);
  return ranges
    .map(({ key, start, end, crc32: crc }) => {
      const bytes = s3.objects.get(key)?.bytes.subarray(start, end) ?? Buffer.alloc(0);
      expect(crc32(bytes)).toBe(crc);
      return bytes.toString();
    })
    .join('');
}

const JANUARY = '2024-01-01T00:00:00Z';
const FEBRUARY = '2024-02-01T00:00:00Z';

describe('rows that readers of RFC 4180 cannot read', () => {
  const unreadable = 'id,a\n1,x\n2,"first"Name1"\n3,5" pipe\n';

  it('are quoted anew in an object of the part, in which all else is as it was; a part without any stays where it is', async () => {
    const found = await run(commitFile(JANUARY, 'id,a\n1,"y ""z"""\n'), commitFile(FEBRUARY, unreadable));
    expect(rowsOf(found)).toBe('1,"y ""z"""\n2,"first""Name1"\n3,"5"" pipe"\n');
    expect(found.map(({ leads, duplicates, mended }) => [leads, duplicates, mended])).toEqual([
      [1, 0, 0],
      [2, 1, 2],
    ]);
    expect(found.flatMap(({ sources }) => sources.map(({ key }) => key.slice(RUN.prefix.length)))).toEqual([
      `${JANUARY}-job.csv`,
      `${FEBRUARY}-job.rows.csv`,
    ]);
  });

  it('stay as they are where that is asked for', async () => {
    const found = await runAsIs(commitFile(JANUARY, unreadable));
    expect(rowsOf(found)).toBe('1,x\n2,"first"Name1"\n3,5" pipe\n');
    expect(found).toMatchObject([{ mended: 0, sources: [{ key: `${RUN.prefix}${JANUARY}-job.csv` }] }]);
  });

  it.each([1, 3])('stop the merge where they are not the %d that the commit record tells', async (told) => {
    await expect(run(commitFile(JANUARY, unreadable, { unreadableRecords: told }))).rejects.toMatchObject({
      type: 'MergeMismatch',
      message: expect.stringContaining(`quoted 2 rows anew; its commit record says ${told}`),
    });
    expect(s3.openUploads()).toEqual([]);
  });

  it.each([
    [0, 'are mended'],
    [2, 'stop the merge'],
  ])('may be among those left out, but no more than those: %d of the others %s', async (more, what) => {
    const first = commitFile(JANUARY, 'id,a\n2,x\n');
    const merged = run(first, commitFile(FEBRUARY, unreadable, { unreadableRecords: 2 + more }));
    if (what === 'are mended') expect(await merged).toMatchObject([{ mended: 0 }, { mended: 1 }]);
    else await expect(merged).rejects.toMatchObject({ type: 'MergeMismatch' });
  });

  it('stop the merge where other rows of their part are left out than the id sets tell', async () => {
    const record = commitFile(JANUARY, unreadable, { duplicatesInside: 1 });
    await expect(run({ ...record, records: record.records + 1 })).rejects.toMatchObject({
      type: 'MergeMismatch',
      message: expect.stringContaining('kept 3 and dropped 0 rows; the id sets say 3 and 1'),
    });
    expect(s3.openUploads()).toEqual([]);
  });

  it('stop the merge where their part is not what was verified', async () => {
    const record = commitFile(JANUARY, unreadable, { bodyCrc32: 1 });
    await expect(run(record)).rejects.toMatchObject({ message: expect.stringContaining('is not what was verified') });
  });
});

describe('rows of other line ends than those of the first window', () => {
  it('get that of the first', async () => {
    const [crlf, lf] = ['id,a\r\n1,"x\r\ny"\r\n2,z\r\n', 'id,a\n3,"x\ny"\n4,z\n'];
    expect(rowsOf(await run(commitFile(JANUARY, crlf), commitFile(FEBRUARY, lf)))).toBe(
      '1,"x\r\ny"\r\n2,z\r\n3,"x\ny"\r\n4,z\r\n',
    );
    const found = await run(commitFile(JANUARY, lf), commitFile(FEBRUARY, crlf));
    expect(rowsOf(found)).toBe('3,"x\ny"\n4,z\n1,"x\r\ny"\n2,z\n');
    expect(found.map(({ mended }) => mended)).toEqual([0, 0]);
  });
});

describe('any files', () => {
  it('give an output that csv-parse reads as the scanner reads them, each id once', async () => {
    const value = fc.constantFrom(
      'null',
      '""',
      'x',
      '5" p',
      '"first"Name1"',
      '"x"y, z"',
      '"a ""b"""',
      '"a\r\nb"',
      'a\rb',
    );
    const file = fc.record({
      lineEnd: fc.constantFrom('\n', '\r\n'),
      mark: fc.constantFrom('', '\ufeff'),
      rows: fc.array(fc.tuple(fc.nat({ max: 12 }), value, value), { minLength: 1, maxLength: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 3 }), async (files) => {
        const texts = files.map(
          ({ lineEnd, mark, rows }) => `${mark}id,a,b${lineEnd}${rows.map((row) => row.join(',') + lineEnd).join('')}`,
        );
        const found = await run(...texts.map((text, index) => commitFile(`2024-0${index + 1}-01T00:00:00Z`, text)));
        const seen = new Set<string>();
        const values = texts
          .flatMap((text) => valuesSlowly(Buffer.from(text), 'tolerant'))
          .filter(([id = '']) => !seen.has(id) && seen.add(id));
        const lineEnd = files[0]?.lineEnd ?? '';
        expect(parse(rowsOf(found), { record_delimiter: lineEnd })).toEqual(values);
      }),
      { numRuns: 100 },
    );
  });
});

describe('an id set', () => {
  it('that is the committed one tells what each window adds', async () => {
    const found = await run(commit('2024-01-01T00:00:00Z', [1, 2]), commit('2024-02-01T00:00:00Z', [3, 4, 5]));
    expect(found.map(({ leads, duplicates }) => [leads, duplicates])).toEqual([
      [2, 0],
      [3, 0],
    ]);
  });

  it('that does not hold as many ids as its record says is not trusted, though its bytes are those of the record', async () => {
    const record = commit('2024-01-01T00:00:00Z', [1, 2, 3], { cardinality: 2 });
    await expect(run(record)).rejects.toMatchObject({
      type: 'MergeMismatch',
      message: expect.stringContaining('does not hold as many ids'),
    });
  });

  it('that is not the committed one is not trusted', async () => {
    const record = commit('2024-01-01T00:00:00Z', [1, 2, 3]);
    commit('2024-01-01T00:00:00Z', [1, 2, 4]);
    await expect(run(record)).rejects.toMatchObject({
      type: 'MergeMismatch',
      message: expect.stringContaining('is not the one that was committed'),
    });
  });
});
