import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Server } from '../../scripts/servers/server.js';
import { blocksOf } from '../docs/pages.js';
import { loaders } from './packages.js';
import { hasPostgres, startPostgres } from './postgres.js';

/** An output, what an update changed, and the output then: the lead 2 is deleted, 3 merged, 1 changed, and 9 new. */
const BEFORE = 'id,email,note\n1,a@example.com,null\n2,b@example.com,x\n3,null,"two\nlines"\n4,d@example.com,"null"\n';
const CHANGES = 'id,email,note\n9,new@example.com,"says ""yes"""\n1,a@example.com,changed\n';
const GONE = 'id,reason\n2,deleted\n3,merged\n';
const AFTER = [
  ['1', 'a@example.com', 'changed'],
  ['4', 'd@example.com', 'null'],
  ['9', 'new@example.com', 'says "yes"'],
];

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'changes-'));
  const files = { 'before.csv': BEFORE, 'changes.csv': CHANGES, 'gone.csv': GONE };
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
});
afterAll(() => rm(directory, { recursive: true }));

function recipe(id: string): string {
  const found = blocksOf('docs/keeping-current.md').find(
    ({ remark }) => remark === `run by test/loading/changes.test.ts as ${id}`,
  );
  return found?.text ?? '';
}

describe('a table that follows an output has it once the changes are applied', () => {
  it('in DuckDB', async () => {
    const script = [
      'import duckdb, json',
      "leads = \"FROM read_csv('before.csv', header = true, nullstr = 'null', allow_quoted_nulls = false, all_varchar = true)\"",
      'duckdb.execute("CREATE TABLE leads AS " + leads)',
      `duckdb.execute(${JSON.stringify(recipe('duckdb'))})`,
      'print(json.dumps(duckdb.sql("FROM leads ORDER BY id").fetchall()))',
    ];
    await writeFile(join(directory, 'follow.py'), script.join('\n'));
    const env = { ...process.env, PYTHONPATH: await loaders() };
    const { stdout } = await promisify(execFile)('python3', ['follow.py'], { cwd: directory, env });
    expect(JSON.parse(stdout)).toEqual(AFTER);
  });
});

((await hasPostgres()) ? describe : describe.skip)('a table that follows an output', () => {
  let postgres: Server;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  it('has it once the changes are applied in PostgreSQL', async () => {
    const shell = async (code: string): Promise<string> => {
      const { stdout } = await promisify(execFile)('sh', ['-ec', code], {
        cwd: directory,
        env: { ...process.env, ...postgres.env },
      });
      return stdout;
    };
    const load = "\\copy leads FROM 'before.csv' WITH (FORMAT csv, HEADER, NULL 'null')";
    await shell(`psql -q <<'END'\nCREATE TABLE leads (id text, email text, note text);\n${load}\nEND`);
    await shell(recipe('postgres'));
    const rows = await shell(`psql -XAtqc 'SELECT json_agg(json_build_array(id, email, note) ORDER BY id) FROM leads'`);
    expect(JSON.parse(rows)).toEqual(AFTER);
  });
});
