import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { ROOT } from '../../scripts/root.js';
import { withTemporaryDirectory } from '../helpers/temporary-directory.js';

const HISTORIES = join(ROOT, 'test/histories');

type History = ReturnType<typeof historyFromJSON>;

/** Recorded histories by name: `npm run record-histories`. */
async function readHistories(): Promise<Map<string, History>> {
  const files = (await readdir(HISTORIES)).filter((name) => name.endsWith('.json'));
  const read = files.map(async (name): Promise<[string, History]> => {
    const json: unknown = JSON.parse(await readFile(join(HISTORIES, name), 'utf8'));
    return [name.replace(/\.json$/, ''), historyFromJSON(json)];
  });
  return new Map(await Promise.all(read));
}

/** What became of each history that was replayed against a bundle: nothing, or the error. */
async function replay(
  bundle: string,
  histories: ReadonlyMap<string, History>,
): Promise<Map<string, Error | undefined>> {
  const outcomes = new Map<string, Error | undefined>();
  const named = [...histories].map(([name, history]) => ({ workflowId: name, history }));
  for await (const { workflowId, error } of Worker.runReplayHistories(
    { workflowBundle: { codePath: bundle } },
    named,
  )) {
    outcomes.set(workflowId, error);
  }
  return outcomes;
}

/** A bundle of the built workflows after an edit to one of them. */
async function bundleChanged(directory: string, file: string, before: string, after: string): Promise<string> {
  await mkdir(join(directory, 'src'));
  for (const folder of ['workflows', 'contract', 'text']) {
    await cp(join(ROOT, 'lib/src', folder), join(directory, 'src', folder), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  await writeFile(join(directory, 'package.json'), '{"type":"module"}');
  const path = join(directory, 'src/workflows', file);
  const code = await readFile(path, 'utf8');
  expect(code).toContain(before);
  await writeFile(path, code.replace(before, after));
  const { code: bundle } = await bundleWorkflowCode({
    workflowsPath: join(directory, 'src/workflows/index.js'),
    logger: new DefaultLogger('ERROR'),
  });
  await writeFile(join(directory, 'bundle.js'), bundle);
  return join(directory, 'bundle.js');
}

let histories: Map<string, History>;
beforeAll(async () => {
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: { logging: { filter: 'ERROR' } },
  });
  histories = await readHistories();
});

describe('recorded histories', () => {
  it('are there for every shape that a run can take, of runs and of windows', () => {
    const shapes = [
      'completed',
      'updated',
      'steered',
      'lost-job',
      'bad-file',
      'forgotten-job',
      'unavailable',
      'refused',
      'export-quota',
      'failed-window',
      'taken-over',
      'retried-window',
      'cancelled',
      'destination-changed',
      'after-termination',
    ];
    expect([...histories.keys()]).toEqual(expect.arrayContaining(shapes));
    expect([...histories.keys()]).toEqual(
      expect.arrayContaining(
        shapes.filter((name) => !['updated', 'refused', 'taken-over'].includes(name)).map((name) => `${name}.window`),
      ),
    );
  });

  it('replay against the code as it is', async () => {
    const outcomes = await replay(join(ROOT, 'lib/workflow-bundle.js'), histories);
    expect(outcomes.size).toBe(histories.size);
    expect([...outcomes].filter(([, error]) => error !== undefined)).toEqual([]);
  });

  it.each([
    [
      'extract-leads.js',
      "enter('cleaning up');",
      "enter('cleaning up'); await condition(() => false, 1);",
      'completed',
    ],
    [
      'extract-window.js',
      "enter('creating job');",
      "enter('creating job'); await abandonWindow(args);",
      'completed.window',
    ],
  ])('catch a change of commands in %s', (file, before, after, history) =>
    withTemporaryDirectory(async (directory) => {
      const bundle = await bundleChanged(directory, file, before, after);
      const outcomes = await replay(bundle, new Map([...histories].filter(([name]) => name === history)));
      expect(outcomes.get(history)).toBeInstanceOf(DeterminismViolationError);
    }),
  );

  it('hold nothing of the machine that they were recorded on, and nothing of a lead', async () => {
    for (const name of histories.keys()) {
      const text = await readFile(join(HISTORIES, `${name}.json`), 'utf8');
      const payloads = [...text.matchAll(/"data":"([A-Za-z0-9+/=]*)"/g)].map(([, data = '']) => atob(data)).join('\n');
      // Each begins with its input: the payloads were found and decoded.
      expect(payloads).toContain('"poll"');
      expect(text + payloads).not.toMatch(/\/home\/|\/root\/|\/tmp\/|@example\.com|simulator-secret/);
    }
  });
});
