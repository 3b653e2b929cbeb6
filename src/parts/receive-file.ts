import { setTimeout as sleep } from 'node:timers/promises';
import type { MarketoClient } from '../marketo/client.js';
import { openExportFile } from '../marketo/export-file.js';
import { MarketoError } from '../marketo/marketo-errors.js';
import { FileMismatchError } from './part-verifier.js';

/** Tries in a row that bring no byte before the activity's own retries, which are seen from outside, take over. */
const TRIES_WITHOUT_PROGRESS = 5;

/** Sizes were seen to be told some bytes wrong; what is so much longer is another file, or one without end. */
const TOLERATED_FACTOR = 2;
const TOLERATED_BYTES = 2 ** 20;

export interface ReceiveOptions {
  readonly exportId: string;
  /** Offset of the first byte that is wanted. */
  readonly fromByte: number;
  /** Size of the whole file as Marketo told it: where an answer says another, that one counts. */
  readonly bytes: number;
  readonly signal: AbortSignal;
  /** Called with the reason each time that the transfer is taken up again. */
  readonly onResume: (reason: string) => void;
}

/**
 * The bytes of an export file from an offset to its end, in order and without a gap: a cut, stalled or short answer is taken
 * up again at the exact byte. Where Marketo answers a range with the whole file, what came before is passed over. Where the
 * file ends is what the answer says; whether that is right is for the checksum to say.
 *
 * @throws MarketoError once several tries in a row have brought nothing
 * @throws FileMismatchError if far more bytes come than the file is told to have
 */
export async function* receiveFile(client: MarketoClient, options: ReceiveOptions): AsyncGenerator<Buffer, void, void> {
  const { exportId, bytes: toldBytes, signal, onResume } = options;
  const most = toldBytes * TOLERATED_FACTOR + TOLERATED_BYTES;
  let next = options.fromByte;
  let fruitless = 0;
  let totalBytes: number | undefined;
  do {
    const before = next;
    try {
      const file = await openExportFile(client, exportId, { fromByte: next, totalBytes, signal });
      totalBytes ??= file.totalBytes;
      let position = file.startsAt;
      for await (const chunk of file.body) {
        const fresh = position + chunk.length <= next ? undefined : chunk.subarray(Math.max(0, next - position));
        position += chunk.length;
        if (!fresh) continue;
        if (position > most)
          throw new FileMismatchError(`The file is longer than ${most} bytes; Marketo told ${toldBytes}`);
        next = position;
        yield fresh;
      }
      const due = totalBytes ?? toldBytes;
      if (next < due) onResume(`the answer ended after ${next} of ${due} bytes`);
    } catch (error) {
      fruitless = next === before ? fruitless + 1 : 0;
      if (signal.aborted || !mayPass(error) || fruitless >= TRIES_WITHOUT_PROGRESS) throw error;
      onResume(error.message);
      await sleep(1000 * Math.max(2 ** fruitless, error.retryAfterSeconds ?? 0), undefined, { signal });
      continue;
    }
    fruitless = next === before ? fruitless + 1 : 0;
    if (next < (totalBytes ?? toldBytes) && fruitless >= TRIES_WITHOUT_PROGRESS) {
      throw MarketoError.invalidBody('file', 'an answer without a byte');
    }
  } while (next < (totalBytes ?? toldBytes));
}

/** Whether another request may bring what this one did not; a file that is gone may only not be there yet. */
function mayPass(error: unknown): error is MarketoError {
  return error instanceof MarketoError && ['retry', 'retryBounded', 'jobGone'].includes(error.action);
}
