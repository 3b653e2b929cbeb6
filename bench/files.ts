import { createHash } from 'node:crypto';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Rows } from '../test/fixtures/rows.js';

/** A prepared export file and what Marketo would tell of it. */
export interface PreparedFile {
  readonly path: string;
  readonly bytes: number;
  readonly records: number;
  /** 64 hex digits. */
  readonly sha256: string;
}

/** Where a directory of prepared files tells what is in it. */
export const INDEX = 'files.json';

/** Writes an export file of so many records, ids from `first` on, `step` apart. */
export async function prepareFile(
  path: string,
  rows: Rows,
  records: number,
  first = 0,
  step = 1,
): Promise<PreparedFile> {
  const hash = createHash('sha256');
  const file = await open(path, 'w');
  let bytes = 0;
  const write = async (chunk: Buffer): Promise<void> => {
    hash.update(chunk);
    await file.writeFile(chunk);
    bytes += chunk.length;
  };
  try {
    await write(rows.header);
    for (const chunk of rows.chunks(records, first, step)) await write(chunk);
  } finally {
    await file.close();
  }
  return { path, bytes, records, sha256: hash.digest('hex') };
}

/** Makes files known to the instance that serves the directory, in the order in which jobs get them. */
export async function indexFiles(directory: string, files: readonly PreparedFile[]): Promise<void> {
  await writeFile(join(directory, INDEX), JSON.stringify(files));
}
