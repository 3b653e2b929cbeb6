import { resumeSignal } from '../../contract/messages.js';
import type { ExitCode } from '../exit.js';
import type { RunOptions } from '../run-options.js';
import { messageRun } from '../message-run.js';
import type { Terminal } from '../terminal.js';

/** Ends a pause. */
export function resume(options: RunOptions, terminal: Terminal): Promise<ExitCode> {
  return messageRun(options, terminal, async ({ call }, handle) => {
    await call(() => handle.signal(resumeSignal));
    return { name: 'resumed', says: 'Resumed.' };
  });
}
