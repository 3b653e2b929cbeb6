import { setConcurrencyUpdate } from '../../contract/messages.js';
import { plural } from '../../text/format.js';
import type { ExitCode } from '../exit.js';
import type { RunOptions } from '../run-options.js';
import { messageRun } from '../message-run.js';
import type { Terminal } from '../terminal.js';

/** Changes the number of export jobs at once of an open run. */
export function setConcurrency(concurrency: number, options: RunOptions, terminal: Terminal): Promise<ExitCode> {
  return messageRun(options, terminal, async ({ call }, handle) => {
    const now = await call(() => handle.executeUpdate(setConcurrencyUpdate, { args: [concurrency] }));
    const says = `${plural(now, 'export job')} at once from now on.`;
    return { name: 'concurrency', says, concurrency: now };
  });
}
