import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createLogUpdate } from 'log-update';
import { crc32 } from '../../bytes/crc32.js';
import { outputNames, type OutputNames } from '../../parts/output-names.js';
import { createObjectStore, type ObjectStore } from '../../storage/object-store.js';
import { getObjectStream, headObject, type ObjectHead } from '../../storage/objects.js';
import { formatS3Url, type ObjectLocation } from '../../storage/s3-url.js';
import { size } from '../../text/format.js';
import { storageSettings } from '../environment.js';
import { CommandError, EXIT, type ExitCode } from '../exit.js';
import type { OutputOptions } from '../run-options.js';
import { event, note, say, type Screen, type Terminal } from '../terminal.js';

export interface DownloadOptions extends OutputOptions {
  readonly destination: string;
  readonly manifest?: true;
  readonly report?: true;
  /** A path, or `-` for stdout. */
  readonly to?: string;
}

/** Brings an output, its manifest or its report to a file, whole or not at all, or to stdout. */
export async function download(options: DownloadOptions, terminal: Terminal): Promise<ExitCode> {
  const location = locationOf(options);
  const store = createObjectStore({ ...storageSettings(terminal.env), env: terminal.env });
  const { interrupted } = terminal;
  try {
    const head = await headObject(store, location, interrupted);
    if (!head) throw new CommandError(`There is nothing at ${formatS3Url(location)}: has a run published there?`);
    const file = options.to ?? basename(location.key);
    if (file === '-') await pipeline(checkedBytes(store, location, head, terminal), terminal.stdout, { end: false });
    else await toFile(file, checkedBytes(store, location, head, terminal));
    const told = { from: formatS3Url(location), to: file, bytes: head.bytes };
    // With the bytes themselves on stdout, nothing else belongs there.
    const tell = file === '-' ? note : say;
    const line = `${told.from} → ${file} (${size(head.bytes)})`;
    if (terminal.quiet !== true) tell(terminal, options.json === true ? event('downloaded', told) : line);
    return EXIT.done;
  } finally {
    store.client.destroy();
  }
}

function locationOf({ destination, manifest, report }: DownloadOptions): ObjectLocation {
  if (manifest === true && report === true)
    throw new CommandError('Give --manifest or --report, not both.', EXIT.usage);
  const names: OutputNames = outputNames(destination);
  if (manifest === true) return names.manifest;
  return report === true ? names.report : names.object;
}

/** The object's bytes; they must be as many, and have the CRC-32, as S3 says. @throws CommandError */
async function* checkedBytes(
  store: ObjectStore,
  location: ObjectLocation,
  { etag, bytes, crc32: expected }: ObjectHead,
  terminal: Terminal,
): AsyncGenerator<Buffer> {
  const progress = progressOn(terminal);
  let got = 0;
  let crc = 0;
  try {
    for await (const chunk of await getObjectStream(store, location, { ifMatch: etag, signal: terminal.interrupted })) {
      got += chunk.length;
      crc = crc32(chunk, crc);
      progress.tell(got, bytes);
      yield chunk;
    }
  } finally {
    progress.end();
  }
  if (got !== bytes || (expected !== undefined && crc !== expected)) {
    throw new CommandError(`What came of ${formatS3Url(location)} is not what S3 holds: try again.`);
  }
}

async function toFile(path: string, bytes: AsyncIterable<Buffer>): Promise<void> {
  const beside = `${path}.${randomUUID()}.part`;
  const file = await open(beside, 'wx', 0o600);
  try {
    await pipeline(bytes, file.createWriteStream());
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

interface Progress {
  tell(bytes: number, total: number): void;
  end(): void;
}

const REDRAW_MILLISECONDS = 200;

/** Drawn on stderr, where that is a terminal. */
function progressOn({ stderr, quiet }: Terminal): Progress {
  const screen: Screen = stderr;
  if (screen.isTTY !== true || quiet === true) return { tell: () => undefined, end: () => undefined };
  const draw = createLogUpdate(stderr);
  let drawnAt = 0;
  return {
    tell: (bytes, total) => {
      if (Date.now() - drawnAt < REDRAW_MILLISECONDS) return;
      drawnAt = Date.now();
      draw(`${size(bytes)} of ${size(total)} (${Math.floor((100 * bytes) / total)} %)`);
    },
    end: () => {
      draw.clear();
      draw.done();
    },
  };
}
