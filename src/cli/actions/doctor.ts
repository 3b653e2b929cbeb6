import { runChecks } from '../doctor/run-checks.js';
import type { ExitCode } from '../exit.js';
import type { OutputOptions, TaskQueueOptions } from '../run-options.js';
import type { Terminal } from '../terminal.js';

export interface DoctorOptions extends TaskQueueOptions, OutputOptions {
  readonly destination?: string;
  readonly register?: true;
}

/** Makes all checks, whatever the outcome of one. */
export function doctor(options: DoctorOptions, terminal: Terminal): Promise<ExitCode> {
  return runChecks({ ...options, temporal: true }, terminal);
}
