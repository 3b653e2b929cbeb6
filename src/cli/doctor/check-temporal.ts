import { SEARCH_ATTRIBUTES } from '../../contract/names.js';
import { CommandError } from '../exit.js';
import { hasWorker } from '../snapshot.js';
import { withTemporal, type Temporal } from '../temporal.js';
import type { Terminal } from '../terminal.js';
import type { Checklist } from './checklist.js';

/** INDEXED_VALUE_TYPE_KEYWORD of Temporal's API. */
const KEYWORD: number = 2;

/** Checks that Temporal answers, knows the namespace and has a worker on the task queue. */
export async function checkTemporal(
  report: Checklist,
  terminal: Terminal,
  options: { readonly taskQueue: string; readonly register: boolean },
): Promise<void> {
  const connected = await report.check('Temporal', () =>
    withTemporal(terminal, async (temporal) => {
      const { namespace, client, address, call } = temporal;
      await call(() => client.workflowService.describeNamespace({ namespace }));
      return { found: true, says: `namespace ${namespace} at ${address}` };
    }),
  );
  if (!connected) {
    report.note('search attributes, worker', 'not checked, since Temporal did not answer');
    return;
  }
  await withTemporal(terminal, async (temporal) => {
    await checkSearchAttributes(report, temporal, options.register);
    await report.check('worker', async () => {
      if (await hasWorker(temporal, options.taskQueue)) return { found: true, says: `polls ${options.taskQueue}` };
      throw new CommandError(`none polls the task queue ${options.taskQueue}. Start one: ${terminal.command} worker`);
    });
  });
}

/** A run can do without them: they only let runs be found by instance and stage. */
async function checkSearchAttributes(report: Checklist, temporal: Temporal, register: boolean): Promise<void> {
  const missing = await missingSearchAttributes(temporal);
  const names = missing.join(' and ');
  if (missing.length > 0 && !register) {
    report.note(
      'search attributes',
      `${names} not registered; runs work without. To register them: ${temporal.command} doctor --register`,
    );
    return;
  }
  await report.check(
    'search attributes',
    async () => {
      if (missing.length > 0) await registerSearchAttributes(temporal, missing);
      return { found: true, says: missing.length > 0 ? `${names} registered now` : 'registered' };
    },
    () => 'Register them as your Temporal service wants it, with the type Keyword.',
  );
}

async function missingSearchAttributes({ client, namespace, call }: Temporal): Promise<string[]> {
  const { customAttributes } = await call(() => client.connection.operatorService.listSearchAttributes({ namespace }));
  return SEARCH_ATTRIBUTES.filter((name) => customAttributes[name] === undefined);
}

async function registerSearchAttributes(
  { client, namespace, call }: Temporal,
  names: readonly string[],
): Promise<void> {
  const searchAttributes = Object.fromEntries(names.map((name) => [name, KEYWORD]));
  await call(() => client.connection.operatorService.addSearchAttributes({ namespace, searchAttributes }));
}
