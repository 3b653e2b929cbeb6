import { parse } from 'csv-parse/sync';
import { sha256 } from '../../src/bytes/sha256.js';
import type { Manifest } from '../../src/contract/manifest.js';
import { IdSet } from '../../src/csv/id-set.js';
import { baseRecord } from '../../src/merge/base.js';
import type { Contribution } from '../../src/merge/deduplicate.js';
import { mergeUpdate, type Update } from '../../src/merge/merge-update.js';
import { writeOutputIds, type OutputIds } from '../../src/merge/output-ids.js';
import { outputRanges } from '../../src/merge/output-ranges.js';
import type { CommitRecord } from '../../src/parts/commit-record.js';
import { outputNames, partNames, runNames } from '../../src/parts/output-names.js';
import { PartVerifier } from '../../src/parts/part-verifier.js';
import { composeParts } from '../../src/storage/compose.js';
import { completeUpload, createUpload } from '../../src/storage/multipart-upload.js';
import { headObject } from '../../src/storage/objects.js';
import { PLAIN_MERGE } from '../fixtures/merge.js';
import { planOf } from '../fixtures/plan.js';
import type { MemoryS3 } from '../helpers/memory-s3.js';
import { manifestOf } from '../report/samples.js';

const DESTINATION = 's3://bucket/leads.csv';
const OUTPUT = outputNames(DESTINATION);
const RUN = runNames(OUTPUT, 'run');
const { signal } = new AbortController();

/** Ids as a set; whoever asks disposes of it. */
export function setOf(ids: Iterable<number>): IdSet {
  const set = new IdSet();
  for (const id of ids) set.add(Math.floor(id / 2 ** 32), id % 2 ** 32);
  return set;
}

/** Outputs of one destination, one after the other, as runs make them, in a store that is in memory. */
export class Outputs {
  private manifest: (Manifest & { readonly ids: OutputIds }) | undefined;
  private parts = 0;

  constructor(
    private readonly s3: MemoryS3,
    /** The header row with its line end. */
    private readonly header: string,
  ) {}

  private get context(): { store: MemoryS3['store']; run: typeof RUN; signal: AbortSignal } {
    return { store: this.s3.store, run: RUN, signal };
  }

  /** A file as a transfer commits it. */
  commit(startAt: string, file: Buffer, startedAt: string): CommitRecord {
    const verifier = new PartVerifier({ bytes: file.length, sha256: sha256(file) }, 'tolerant');
    verifier.push(file);
    const { addedNewline, contents } = verifier.end();
    if ('problem' in contents) throw new Error(contents.problem);
    const { header, bodyCrc32, records, emptyLines, quoteRule, unreadableRecords, lineEnd, columnNames, ids } =
      contents;
    const exportId = `job-${++this.parts}`;
    const names = partNames(RUN, { startAt }, exportId);
    const [partBytes, idsBytes, { cardinality }] = [Buffer.concat([file, addedNewline]), ids.serialize(), ids];
    ids.dispose();
    this.s3.put(names.part, partBytes);
    this.s3.put(names.ids, idsBytes);
    const part = {
      key: names.part,
      etag: this.s3.objects.get(names.part)?.etag ?? '',
      partBytes: partBytes.length,
      bytes: file.length,
      sha256: sha256(file),
      headerStart: 0,
      bodyStart: header.length,
      headerSha256: sha256(header),
      emptyLines,
      bodyCrc32,
      idsKey: names.ids,
      idsEtag: '',
      idsBytes: idsBytes.length,
      idsSha256: sha256(idsBytes),
      cardinality,
      duplicatesInside: records - cardinality,
      quoteRule,
      unreadableRecords,
      lineEnd,
      columns: [...columnNames],
    };
    const verifiedAt = '2020-01-01T00:00:00.000Z';
    const shared = { version: 2, instance: 'host', startAt, endAt: startAt, fieldsSha256: sha256('fields') } as const;
    return { ...shared, exportId, records, warnings: [], ...(records > 0 && { part }), startedAt, verifiedAt };
  }

  /** The output as the part that an update merges last. */
  async base(): Promise<CommitRecord> {
    if (!this.manifest) throw new Error('Nothing is published');
    return baseRecord(this.s3.store, OUTPUT, this.manifest, signal);
  }

  /** Makes the first output of one file. */
  async begin(file: Buffer): Promise<void> {
    const record = this.commit('2000-01-01T00:00:00Z', file, '2000-01-01T00:00:00Z');
    const { key = '', etag = '', bodyStart = 0, partBytes = 0, bodyCrc32 = 0 } = record.part ?? {};
    const source = { key, etag, start: bodyStart, end: partBytes, crc32: bodyCrc32 };
    const ids = await this.idsOf(record);
    await this.publish([{ record, leads: record.records, duplicates: 0, gone: 0, mended: 0, sources: [source] }], ids);
  }

  /** Keeps the output current. */
  async update(delta: readonly CommitRecord[], gone: Iterable<number>): Promise<Update> {
    const [goneIds, ids] = [setOf(gone), new IdSet()];
    const update = await mergeUpdate(
      this.context,
      { quoting: 'rfc4180' },
      { base: await this.base(), delta, gone: goneIds },
      ids,
    );
    goneIds.dispose();
    await this.publish([update.base, ...update.changed], ids);
    return update;
  }

  /** Rows of the output by id, as their values with commas between. Each id once, or it throws. */
  rows(): Map<number, string> {
    const text = this.s3.text(OUTPUT.object.key);
    if (!text.startsWith(this.header)) throw new Error('The header is another one');
    const rows = new Map<number, string>();
    const records: string[][] = parse(text, { from_line: 2 });
    for (const row of records) {
      const id = Number(row[0]);
      if (rows.has(id)) throw new Error(`The lead ${id} is there twice`);
      rows.set(id, row.join(','));
    }
    return rows;
  }

  private async idsOf({ part }: CommitRecord): Promise<IdSet> {
    return IdSet.deserialize(this.s3.objects.get(part?.idsKey ?? '')?.bytes ?? Buffer.alloc(0));
  }

  private async publish(contributions: readonly Contribution[], ids: IdSet): Promise<void> {
    const { store } = this.s3;
    const plan = planOf('run', '2000-01-01T00:00:00Z', '2000-02-01T00:00:00Z');
    const upload = await createUpload(store, OUTPUT.object, { contentType: 'text/csv' });
    const ranges = await outputRanges(this.context, plan, contributions);
    const composed = await composeParts(store, upload, ranges, [], signal);
    const { etag } = await completeUpload(store, upload, composed.parts, undefined, composed.crc32);
    const before = await headObject(store, OUTPUT.ids);
    const told = await writeOutputIds(
      {
        ...this.context,
        ...PLAIN_MERGE,
        plan: { instance: 'host', bucket: 'bucket', key: RUN.plan, sha256: '' },
        output: OUTPUT,
        destination: DESTINATION,
        workflowId: 'run',
        runId: 'run',
        onWarning: () => undefined,
        accountEtags: { ...PLAIN_MERGE.accountEtags, ids: before?.etag ?? null },
      },
      ids,
    );
    ids.dispose();
    const leads = contributions.reduce((sum, contribution) => sum + contribution.leads, 0);
    const crc32 = composed.crc32.toString(16).padStart(8, '0');
    const columns = this.header
      .trim()
      .split(',')
      .map((name) => ({ name, dataType: 'string', type: 'text' as const }));
    this.manifest = { ...manifestOf([], { columns, leads, etag, bytes: composed.bytes, crc32 }), ids: told };
  }
}
