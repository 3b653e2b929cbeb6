import { createInterface } from 'node:readline/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import { readInput } from '../../contract/input.js';
import { EXTRACT_WINDOW } from '../../contract/names.js';
import { abandonPublication } from '../../merge/publication-record.js';
import { outputNames, runNames } from '../../parts/output-names.js';
import { clearRun, findLeftovers } from '../../parts/clear-run.js';
import { createObjectStore } from '../../storage/object-store.js';
import { storageSettings } from '../environment.js';
import { CommandError, EXIT, type ExitCode } from '../exit.js';
import { plural } from '../../text/format.js';
import { defaultWorkflowId } from '../../runs/workflow-id.js';
import type { OutputOptions } from '../run-options.js';
import { runOfId } from '../find-run.js';
import { withTemporal, type Temporal } from '../temporal.js';
import { answer, say, type Terminal } from '../terminal.js';

export interface DiscardOptions extends OutputOptions {
  readonly destination: string;
  readonly workflowId?: string;
  readonly yes?: true;
}

/**
 * Deletes what a run that is not open keeps under its prefix, and aborts its uploads, once the user has agreed.
 *
 * @throws CommandError if the run is open, or nobody is there to be asked
 */
export async function discard(options: DiscardOptions, terminal: Terminal): Promise<ExitCode> {
  const { destination, workflowId, yes } = options;
  const reading = readInput({ destination }, Date.now());
  if ('problems' in reading) throw new CommandError(reading.problems.join('\n'));
  const id = workflowId ?? defaultWorkflowId(destination);
  const store = createObjectStore({ ...storageSettings(terminal.env), env: terminal.env });
  await refuseOpenRun(terminal, id);
  const run = runNames(outputNames(destination), id);
  const { keys, uploads } = await findLeftovers(store, run);
  if (keys.length === 0 && uploads.length === 0) {
    const none = [`The run "${id}" keeps nothing under s3://${run.bucket}/${run.prefix}`];
    answer(terminal, options, { name: 'discarded', what: { workflowId: id, objects: 0, uploads: 0 }, lines: none });
    return EXIT.done;
  }
  const what = `${plural(keys.length, 'object')} and ${plural(uploads.length, 'upload')} under s3://${run.bucket}/${run.prefix}`;
  if (yes !== true && !(await confirm(`Delete ${what}?`, terminal))) {
    say(terminal, 'Nothing was deleted.');
    return EXIT.failed;
  }
  await abandonPublication(store, run);
  await clearRun(store, run);
  const told = { workflowId: id, objects: keys.length, uploads: uploads.length };
  answer(terminal, options, { name: 'discarded', what: told, lines: [`Deleted ${what}`] });
  return EXIT.done;
}

/** Deleting under a run that still works would cost it its parts. */
async function refuseOpenRun(terminal: Terminal, workflowId: string): Promise<void> {
  await withTemporal(terminal, async (temporal) => {
    try {
      const { open } = await runOfId(temporal, workflowId);
      if (open) throw new CommandError(`The run "${workflowId}" is open: cancel it first.`);
    } catch (error) {
      // Temporal forgets a closed run after the namespace's retention; what it left in S3 may still be there.
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
    if (await hasOpenWindow(temporal, workflowId)) {
      throw new CommandError(
        `A window of the run "${workflowId}" is still open and clears up: try again when it is done.`,
      );
    }
  });
}

/** The windows of a run that was terminated are asked to cancel, and may still be at it. */
function hasOpenWindow({ client, call }: Temporal, workflowId: string): Promise<boolean> {
  const prefix = `${workflowId}/`.replaceAll("'", "''");
  const query = `WorkflowType = '${EXTRACT_WINDOW}' AND ExecutionStatus = 'Running' AND WorkflowId STARTS_WITH '${prefix}'`;
  return call(async () => (await client.workflow.count(query)).count > 0);
}

async function confirm(question: string, { stdin, stdout, interrupted }: Terminal): Promise<boolean> {
  if (stdin.isTTY !== true) throw new CommandError('There is nobody to ask: give --yes to delete.');
  const prompt = createInterface({ input: stdin, output: stdout });
  try {
    return /^y(?:es)?$/i.test(await prompt.question(`${question} [y/N] `, { signal: interrupted }));
  } finally {
    prompt.close();
  }
}
