import type { Outcome } from '../runs/outcome.js';

/** What the process ends with; the table in `--help` is made from this one. */
export const EXIT = { done: 0, failed: 1, usage: 2, cancelled: 3, detached: 130 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Lines of `--help` that say what the process ends with. */
export const EXIT_HELP = `Exit codes:
  0    done
  1    the run failed, or the input or the environment is wrong
  2    the command line is wrong
  3    the run was cancelled or terminated
  130  detached by Ctrl-C: the run goes on`;

/** What a command that waited for the end of a run ends with. */
export function exitCodeOf({ status }: Outcome): ExitCode {
  if (status === 'completed') return EXIT.done;
  return status === 'failed' ? EXIT.failed : EXIT.cancelled;
}

/** A message for people that ends the command: shown as it is, without a stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(
    message: string,
    readonly exitCode: ExitCode = EXIT.failed,
  ) {
    super(message);
  }
}
