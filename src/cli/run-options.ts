import type { Command } from 'commander';
import { DEFAULT_TASK_QUEUE } from '../contract/names.js';
import { defaultWorkflowId } from '../runs/workflow-id.js';
import { CommandError, EXIT } from './exit.js';
import type { Terminal } from './terminal.js';

/** The task queue of the workers. */
export interface TaskQueueOptions {
  readonly taskQueue: string;
}

/** How a command tells what it has to tell. */
export interface OutputOptions {
  readonly json?: true;
  readonly quiet?: true;
}

/** Which run a command is about. */
export interface RunOptions extends OutputOptions {
  readonly workflowId?: string;
  readonly destination?: string;
}

export function addTaskQueueOption(command: Command, { env }: Terminal): Command {
  const given = env['TEMPORAL_TASK_QUEUE'];
  return command.option(
    '--task-queue <name>',
    'task queue of the workers',
    given === undefined || given === '' ? DEFAULT_TASK_QUEUE : given,
  );
}

/** @param lines whether it tells more than one thing */
export function addOutputOptions(command: Command, lines: 'one object' | 'one object a line' = 'one object'): Command {
  return command
    .option('--json', `for machines: JSON, ${lines}, with the time`)
    .option('-q, --quiet', 'say nothing but what is wrong');
}

export function addRunOptions(command: Command): Command {
  return command
    .option('--workflow-id <id>', 'id of the run')
    .option('--destination <url>', 'destination of the run, where it was started without an id');
}

/**
 * The workflow id that the options of a command name.
 *
 * @throws CommandError if they name none
 */
export function workflowIdFrom({ workflowId, destination }: RunOptions): string {
  if (workflowId !== undefined) return workflowId;
  if (destination !== undefined) return defaultWorkflowId(destination);
  throw new CommandError('Which run? Give --workflow-id, or the --destination that it was started with.', EXIT.usage);
}
