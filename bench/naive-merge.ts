import { parse } from 'csv-parse';
import type { CommittedPart } from '../src/parts/commit-record.js';
import { completeUpload, createUpload } from '../src/storage/multipart-upload.js';
import { getObjectStream } from '../src/storage/objects.js';
import type { ObjectStore } from '../src/storage/object-store.js';
import { uploadPartBytes, UploadWriter } from '../src/storage/upload-writer.js';

/** Rows that are written at once. */
const BATCH = 500;

/** What a straightforward program does: read every part, parse it, write the rows whose id is new, as they were. */
export async function naiveMerge(
  store: ObjectStore,
  bucket: string,
  parts: readonly CommittedPart[],
  key: string,
): Promise<void> {
  const upload = await createUpload(store, { bucket, key }, { contentType: 'text/csv' });
  const { signal } = new AbortController();
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  const writer = new UploadWriter({ store, upload, partBytes: uploadPartBytes(bytes), uploaded: [], signal });
  const seen = new Set<string>();
  for (const [index, part] of parts.entries()) {
    let fresh: string[] = [];
    const parser = parse({
      raw: true,
      from_line: index === 0 ? 1 : 2,
      on_record: (row) => {
        // With `raw`, csv-parse hands on the row as it stands too; its types do not say so.
        const { record, raw } = row as unknown as { record: string[]; raw: string };
        const id = record[0] ?? '';
        if (seen.has(id)) return null;
        seen.add(id);
        fresh.push(raw);
        return null;
      },
    });
    const done = new Promise<void>((resolve, reject) => {
      parser.on('end', resolve).on('error', reject).resume();
    });
    const flush = async (): Promise<void> => {
      const rows = Buffer.from(fresh.join(''));
      fresh = [];
      await writer.write(rows);
    };
    for await (const chunk of await getObjectStream(store, { bucket, key: part.key })) {
      if (!parser.write(chunk)) await new Promise((resolve) => parser.once('drain', resolve));
      if (fresh.length >= BATCH) await flush();
    }
    parser.end();
    await done;
    await flush();
  }
  await completeUpload(store, upload, await writer.finish());
}
