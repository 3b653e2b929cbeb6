import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { defined } from '../../src/contract/defined.js';
import { readCommit } from '../../src/parts/commit-record.js';
import { partNames, windowNames } from '../../src/parts/output-names.js';
import { fieldsSha256 } from '../../src/plan/plan-record.js';
import { csv, rows, Run } from './run.js';

let run: Run;

beforeEach(async () => {
  run = await Run.start();
});

afterEach(async () => {
  await run.stop();
});

describe('committing a file', () => {
  it('stores the part and its ids, and last the record that says so', async () => {
    const file = csv([...rows(1, 100), '7,again@example.com'], { last: false });
    const job = run.server.job(file, { records: 101 });
    expect(await run.commit(0, job)).toEqual({
      outcome: 'verified',
      part: { records: 101, bytes: file.length, warnings: [] },
    });
    const names = partNames(run.names, run.window(0), job.exportId);
    expect(await run.keys()).toEqual(
      [names.part, names.ids, windowNames(run.names, run.window(0)).commit, run.names.plan].sort(),
    );
    expect(await readCommit(run.store, run.names, run.window(0))).toMatchObject({
      instance: run.marketo.instanceHost,
      ...run.window(0),
      fieldsSha256: fieldsSha256(['id', 'email']),
      exportId: job.exportId,
      records: 101,
      finishedAt: job.finishedAt,
      part: {
        key: names.part,
        partBytes: file.length + 1,
        bytes: file.length,
        sha256: createHash('sha256').update(file).digest('hex'),
        headerStart: 0,
        bodyStart: 'id,email\n'.length,
        cardinality: 100,
        duplicatesInside: 1,
        quoteRule: 'tolerant',
        unreadableRecords: 0,
        lineEnd: '\n',
      },
    });
  });

  it('done again for the same job changes and fetches nothing', async () => {
    const job = run.server.job(csv(rows(1, 10)));
    const first = await run.commit(0, job);
    const record = await readCommit(run.store, run.names, run.window(0));
    run.server.setFile(job.exportId, undefined);
    expect(await run.commit(0, job)).toEqual(first);
    expect(await readCommit(run.store, run.names, run.window(0))).toEqual(record);
    expect(run.server.downloads).toEqual([0]);
  });

  it('replaces what an earlier job of the window committed', async () => {
    await run.commit(0, run.server.job(csv(rows(1, 10))));
    const second = run.server.job(csv(rows(1, 11)));
    expect(await run.commit(0, second)).toMatchObject({ part: { records: 11 } });
    expect(await readCommit(run.store, run.names, run.window(0))).toMatchObject({ exportId: second.exportId });
  });

  it('fetches nothing for a job without records', async () => {
    const job = run.server.job(Buffer.alloc(0), { records: 0 });
    expect(await run.commit(0, job)).toMatchObject({ outcome: 'verified', part: { records: 0, bytes: 0 } });
    expect(await readCommit(run.store, run.names, run.window(0))).not.toHaveProperty('part');
    expect(run.server.downloads).toEqual([]);
  });

  it.each([
    ['an empty file', Buffer.alloc(0)],
    ['a header', csv([])],
    ['a header without line end', csv([], { last: false })],
  ])('commits a window without a part where %s is all that there is', async (_, file) => {
    const outcome = await run.commit(0, run.server.job(file));
    expect(outcome).toMatchObject({ outcome: 'verified', part: { records: 0 } });
    expect(await readCommit(run.store, run.names, run.window(0))).not.toHaveProperty('part');
  });

  it('takes what it counted where Marketo tells no number of records', async () => {
    expect(await run.commit(0, run.server.job(csv(rows(1, 10))))).toMatchObject({ part: { records: 10 } });
  });
});

describe('a file that is not what Marketo told', () => {
  it('is fetched once more, and if it is bad again another job is asked for', async () => {
    const job = run.server.job(csv(rows(1, 10)), { sha256: '0'.repeat(64) });
    expect(await run.commit(0, job)).toEqual({ outcome: 'redo', reason: expect.stringContaining('SHA-256') });
    expect(run.server.downloads).toEqual([0, 0]);
    expect(run.warnings).toHaveLength(1);
    expect(await run.keys()).toEqual([run.names.plan]);
    expect(await run.openUploads()).toEqual([]);
  });

  it('is found in S3 where an earlier attempt was fooled, and fetched anew', async () => {
    const file = csv(rows(1, 10));
    const bad = Buffer.from(file.toString().replace('lead.5', 'lead.6'));
    const job = run.server.job(file);
    run.server.setFile(job.exportId, bad);
    const good = { ...job, sha256: createHash('sha256').update(bad).digest('hex') };
    await run.commit(1, good);
    // The same part, told with the right checksum: it is read back and found wrong.
    run.server.setFile(job.exportId, file);
    expect(await run.commit(1, { ...job, records: 10 })).toMatchObject({ outcome: 'verified' });
  });
});

describe('a file whose records are not as many as Marketo told', () => {
  it('is read again by the rule that a quote before a delimiter closes, where the others do not give the number', async () => {
    const job = run.server.job(csv(['1,"Screen 15""', '2,b']), { records: 2 });
    expect(await run.commit(0, job)).toMatchObject({ outcome: 'verified', part: { records: 2 } });
    expect((await readCommit(run.store, run.names, run.window(0)))?.part?.quoteRule).toBe('closing');
  });

  it('is read again where quotes and columns are odd, and the reading with the fewest odd records counts', async () => {
    // Read as most quotes are, the name swallows the city, and the number of records is right all the same.
    const file = csv(['1,"Screen 15"",Oslo,"x, y"', '2,a,b,c'], { header: 'id,email,city,note', lineEnd: '\r\n' });
    expect(await run.commit(0, run.server.job(file, { records: 2 }))).toMatchObject({ outcome: 'verified' });
    expect((await readCommit(run.store, run.names, run.window(0)))?.part).toMatchObject({
      quoteRule: 'closing',
      unreadableRecords: 1,
      lineEnd: '\r\n',
    });
    // Of as many odd records those with a column more are nearer to the header than those that lack a lot.
    const wider = csv(['1,"Screen 15"",Oslo,a,b,"x, y",EXTRA', '2,a,b,c,d,e'], {
      header: 'id,email,city,mood,food,note',
    });
    await run.commit(2, run.server.job(wider, { records: 2 }));
    expect((await readCommit(run.store, run.names, run.window(2)))?.part).toMatchObject({ quoteRule: 'closing' });
    // No reading makes three columns of two.
    await run.commit(1, run.server.job(csv(['1,"first"Name1"', '2,a,b']), { records: 2 }));
    expect((await readCommit(run.store, run.names, run.window(1)))?.part).toMatchObject({ quoteRule: 'tolerant' });
    expect(run.server.downloads).toEqual([0, 0, 0]);
  });

  it('fails its window where the one reading that gives the number is not that of csv-parse', async () => {
    const job = run.server.job(csv(['1,"a""', '2,b"']), { records: 2 });
    await expect(run.commit(0, job)).rejects.toThrow(/csv-parse reads its first records differently/);
  });

  it('is read again by strict RFC 4180, without another download', async () => {
    // A quote before a comma ends a field unless quotes are read strictly: two records or one.
    const file = csv(['1,"a ""b"",c"', '2,d']);
    const job = run.server.job(file, { records: 2 });
    expect(await run.commit(0, job)).toMatchObject({ outcome: 'verified', part: { records: 2 } });
    expect(run.server.downloads).toEqual([0]);
  });

  it.each([99, 101, 0.5, 0])(
    'fails its window where every way to read it says another number than %d',
    async (records) => {
      const job = run.server.job(csv(rows(1, 100)), { records });
      await expect(run.commit(0, job)).rejects.toMatchObject({ name: 'RunFailure', type: 'WindowFailed' });
      await expect(run.commit(0, job)).rejects.toThrow(
        new RegExp(`but not the ${records} records that Marketo told\\..* 100 records were counted`),
      );
      expect(await readCommit(run.store, run.names, run.window(0))).toBeNull();
      expect(run.server.downloads).toEqual([0]);
    },
  );

  it.each([
    ['an id that is none', csv(['1,a', 'x7,secret@example.com'])],
    ['an empty id', csv(['1,a', ',secret@example.com'])],
    ['no id column', csv(['secret@example.com'], { header: 'email' })],
    ['an open quote', csv(['1,"secret@example.com'])],
  ])('fails its window with %s, and nothing of a lead is told', async (_, file) => {
    const failure: unknown = await run.commit(0, run.server.job(file)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'RunFailure', type: 'WindowFailed' });
    expect(String(failure)).not.toContain('secret@example.com');
  });
});

describe('a file that is odd', () => {
  it.each<[string, Buffer, RegExp]>([
    ['columns that were not asked for', csv(['1,a,b'], { header: 'id,email,more' }), /not asked for: more/],
    ['columns in another order', csv(['a,1'], { header: 'email,id' }), /not in the order/],
    ['a byte order mark', Buffer.concat([Buffer.from('\uFEFF'), csv(['1,a'])]), /byte order mark/],
    ['rows with other columns', csv(['1,a', '2', '3,b,c']), /^2 records with another .* first is record 2 with 1$/],
  ])('is committed with a warning: %s', async (_, file, warning) => {
    const outcome = await run.commit(0, run.server.job(file));
    expect(outcome).toMatchObject({ outcome: 'verified', part: { warnings: [expect.stringMatching(warning)] } });
  });

  it('is refused where it lacks a field that the user named, without another download or job', async () => {
    const job = run.server.job(csv(['1'], { header: 'id' }));
    await expect(run.commit(0, job)).rejects.toMatchObject({
      type: 'WindowFailed',
      message: expect.stringContaining('email'),
    });
    expect(run.server.downloads).toEqual([0]);
  });

  it.each([
    ['strict', ['1,"Bob" Doe,Oslo', '2,b,"c"'], undefined],
    ['closing', ['1,"Screen 15"","Oslo"', '2,b,c'], undefined],
    ['closing', ['1,"Screen 15"","Oslo"', '2,b,c'], 2],
    ['tolerant', ['1,b,c,d', '2,b,c'], undefined],
    ['tolerant', ['1,"Bob" Doe"', '2,b,"c"'], 2],
  ])(
    'is read in the way %s, which gives the most records the columns of the header: %j, told %j',
    async (quoteRule, lines, records) => {
      const job = run.server.job(csv(lines, { header: 'id,email,city' }), defined({ records }));
      expect(await run.commit(0, job, { plan: { ...run.plan, fieldsNamed: false } })).toMatchObject({
        part: { records: 2 },
      });
      expect((await readCommit(run.store, run.names, run.window(0)))?.part?.quoteRule).toBe(quoteRule);
      expect(run.server.downloads).toEqual([0]);
    },
  );

  it('is committed with a warning where it lacks one of all fields', async () => {
    const all = { ...run.plan, fieldsNamed: false };
    const outcome = await run.commit(0, run.server.job(csv(['1'], { header: 'id' })), { plan: all });
    expect(outcome).toMatchObject({ outcome: 'verified', part: { warnings: ['Marketo exports no column for email'] } });
    expect((await readCommit(run.store, run.names, run.window(0)))?.part?.columns).toEqual(['id']);
  });

  it('is fetched where Marketo tells no records, but a file that is longer than a header', async () => {
    const file = csv(rows(1, 64));
    await expect(run.commit(0, run.server.job(file, { records: 0 }))).rejects.toThrow(
      /not the 0 records .* 64 records/,
    );
    expect(run.server.downloads).toEqual([0]);
  });

  it('is not fetched where it can only be a header', async () => {
    const job = run.server.job(csv([]), { records: 0 });
    expect(await run.commit(0, job)).toMatchObject({ outcome: 'verified', part: { records: 0 } });
    expect(run.server.downloads).toEqual([]);
  });
});
