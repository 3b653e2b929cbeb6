import type { WorkflowHandle } from '@temporalio/client';
import { progressQuery, retryWindowSignal } from '../../contract/messages.js';
import { windowName } from '../../contract/windows.js';
import { CommandError, type ExitCode } from '../exit.js';
import type { RunOptions } from '../run-options.js';
import { messageRun } from '../message-run.js';
import type { Temporal } from '../temporal.js';
import type { Terminal } from '../terminal.js';

/**
 * Tries a failed window of an open run again.
 *
 * @param start its start, or the day of it; of a window of changes with `updated/` before it
 * @throws CommandError if that names no failed window
 */
export function retryWindow(start: string, options: RunOptions, terminal: Terminal): Promise<ExitCode> {
  return messageRun(options, terminal, async (temporal, handle) => {
    const window = await failedWindow(temporal, handle, start);
    await temporal.call(() => handle.signal(retryWindowSignal, window));
    return { name: 'retried', says: `The window that begins at ${window} is tried again.`, window };
  });
}

/** The start of a failed window in full; the workflow itself only ignores what it does not know. */
async function failedWindow({ call }: Temporal, handle: WorkflowHandle, start: string): Promise<string> {
  const { current } = await call(() => handle.query(progressQuery));
  const failed = current.filter(({ state }) => state === 'failed').map(windowName);
  const found = failed.filter((name) => name.startsWith(start));
  if (found.length === 1 && found[0] !== undefined) return found[0];
  const those = failed.length === 0 ? 'No window has failed.' : `Failed are ${failed.join(', ')}.`;
  throw new CommandError(`No failed window begins at ${start}. ${those}`);
}
