import { plural } from '../../text/format.js';
import { EXIT, type ExitCode } from '../exit.js';
import { event, say, type Terminal } from '../terminal.js';
import { checkCertificates } from './check-certificates.js';
import { checkMarketo } from './check-marketo.js';
import { Checklist } from './checklist.js';
import { checkStorage } from './check-storage.js';
import { checkTemporal } from './check-temporal.js';

/** What is checked beside Marketo and S3. */
export interface CheckOptions {
  readonly taskQueue: string;
  readonly destination?: string;
  readonly register?: true;
  /** False leaves Temporal and worker out. */
  readonly temporal: boolean;
  readonly json?: true;
}

/** Makes all checks, whatever the outcome of one, and says at the end how many failed. */
export async function runChecks(options: CheckOptions, terminal: Terminal): Promise<ExitCode> {
  const { taskQueue, destination, register, temporal, json } = options;
  const report = new Checklist(terminal, json === true);
  await checkCertificates(report, terminal.env);
  await checkMarketo(report, terminal);
  await checkStorage(report, terminal, destination);
  if (temporal) await checkTemporal(report, terminal, { taskQueue, register: register === true });
  const { failures } = report;
  const verdict = failures === 0 ? 'All is well.' : `${plural(failures, 'check')} failed.`;
  say(terminal, json === true ? event('checked', { failures }) : verdict);
  return failures === 0 ? EXIT.done : EXIT.failed;
}
