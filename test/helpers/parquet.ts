import { readdir, readFile } from 'node:fs/promises';
import { parquetMetadataAsync, parquetReadObjects, type FileMetaData } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

/** A Parquet file as its rows, with their values as JavaScript has them, and its footer. */
export async function readParquet(
  bytes: Buffer,
): Promise<{ readonly rows: Record<string, unknown>[]; readonly footer: FileMetaData }> {
  const file = new Uint8Array(bytes).buffer;
  const footer = await parquetMetadataAsync(file);
  return { rows: await parquetReadObjects({ file, metadata: footer, compressors }), footer };
}

/** Process ids of converters that a process has started, with the shells around them (Linux: proc(5)). */
export async function convertersOf(parent: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [stat, command] = await Promise.all(
        ['stat', 'cmdline'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')),
      );
      const parentPid = Number(/^\d+ \(.*\) \S (\d+)/.exec(stat ?? '')?.[1]);
      return { pid, parentPid, command: command ?? '' };
    }),
  );
  const shells = found.filter(({ parentPid, command }) => parentPid === parent && command.includes('parquet/child.js'));
  return shells.flatMap(({ pid: shell }) => [
    shell,
    ...found.filter(({ parentPid }) => parentPid === shell).map(({ pid }) => pid),
  ]);
}
