import { pauseSignal } from '../../contract/messages.js';
import type { ExitCode } from '../exit.js';
import type { RunOptions } from '../run-options.js';
import { messageRun } from '../message-run.js';
import type { Terminal } from '../terminal.js';

/** Lets an open run start no new window. */
export function pause(options: RunOptions, terminal: Terminal): Promise<ExitCode> {
  return messageRun(options, terminal, async ({ call }, handle) => {
    await call(() => handle.signal(pauseSignal));
    const says = 'Paused: windows that are open go on, no new one is started until `resume`.';
    return { name: 'paused', says };
  });
}
