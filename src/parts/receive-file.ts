import { setTimeout as sleep } from 'node:timers/promises';
import { openExportFile } from '../marketo/export-file.js';
import { MarketoError } from '../marketo/marketo-errors.js';
import type { MarketoClient } from '../marketo/client.js';
import { FileMismatchError } from './part-verifier.js';

/** Tries in a row that bring no byte before the activity's own retries, which are seen from outside, take over. */
const TRIES_WITHOUT_PROGRESS = 5;

export interface ReceiveOptions {
  readonly exportId: string;
  /** Offset of the first byte that is wanted. */
  readonly fromByte: number;
  /** Size of the whole file. */
  readonly bytes: number;
  readonly signal: AbortSignal;
  /** Called with the reason each time that the transfer is taken up again. */
  readonly onResume: (reason: string) => void;
}

/**
 * The bytes of an export file from an offset to its end, in order and without a gap: a cut, stalled or short answer is taken
 * up again at the exact byte. Where Marketo answers a range with the whole file, what came before is passed over.
 *
 * @throws MarketoError once several tries in a row have brought nothing
 * @throws FileMismatchError if more bytes come than the file has
 */
export async function* receiveFile(client: MarketoClient, options: ReceiveOptions): AsyncGenerator<Buffer, void, void> {
  const { exportId, bytes: fileBytes, signal, onResume } = options;
  let next = options.fromByte;
  let fruitless = 0;
  let totalBytes: number | undefined;
  while (next < (totalBytes ?? fileBytes)) {
    const before = next;
    try {
      const file = await openExportFile(client, exportId, { fromByte: next, totalBytes, signal });
      totalBytes ??= file.totalBytes;
      let position = file.startsAt;
      for await (const chunk of file.body) {
        const fresh = position + chunk.length <= next ? undefined : chunk.subarray(Math.max(0, next - position));
        position += chunk.length;
        if (!fresh) continue;
        if (position > fileBytes)
          throw new FileMismatchError(`The file is longer than its fileSize of ${fileBytes} bytes`);
        next = position;
        yield fresh;
      }
      const due = totalBytes ?? fileBytes;
      if (next < due) onResume(`the answer ended after ${next} of ${due} bytes`);
    } catch (error) {
      if (signal.aborted || !mayPass(error) || (next === before && ++fruitless >= TRIES_WITHOUT_PROGRESS)) throw error;
      onResume(error.message);
      await sleep(1000 * Math.max(2 ** fruitless, error.retryAfterSeconds ?? 0), undefined, { signal });
      continue;
    }
    fruitless = next === before ? fruitless + 1 : 0;
    if (fruitless >= TRIES_WITHOUT_PROGRESS) throw MarketoError.invalidBody('file', 'an answer without a byte');
  }
}

/** Whether another request may bring what this one did not; a file that is gone may only not be there yet. */
function mayPass(error: unknown): error is MarketoError {
  return error instanceof MarketoError && ['retry', 'retryBounded', 'jobGone'].includes(error.action);
}
