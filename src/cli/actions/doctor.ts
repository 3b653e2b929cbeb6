import { EXIT, type ExitCode } from '../exit.js';
import type { TaskQueueOptions } from '../run-options.js';
import { note, type Terminal } from '../terminal.js';
import { checkCertificates } from '../doctor/check-certificates.js';
import { checkMarketo } from '../doctor/check-marketo.js';
import { Checklist } from '../doctor/checklist.js';
import { checkStorage } from '../doctor/check-storage.js';
import { checkTemporal } from '../doctor/check-temporal.js';

export interface DoctorOptions extends TaskQueueOptions {
  readonly destination?: string;
  readonly register?: true;
}

/** Makes all checks, whatever the outcome of one. */
export async function doctor(options: DoctorOptions, terminal: Terminal): Promise<ExitCode> {
  const report = new Checklist(terminal);
  await checkCertificates(report, terminal.env);
  await checkMarketo(report, terminal);
  await checkStorage(report, terminal, options.destination);
  await checkTemporal(report, terminal.env, { taskQueue: options.taskQueue, register: options.register === true });
  if (report.failures === 0) return EXIT.done;
  note(terminal, `${report.failures} of the checks failed.`);
  return EXIT.failed;
}
