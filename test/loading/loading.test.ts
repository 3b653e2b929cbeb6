import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Server } from '../../scripts/servers/server.js';
import { loadScript, type Engine } from '../../src/schema/engines.js';
import { quiet } from '../end-to-end/harness.js';
import { FORMATS, Output } from './output.js';
import { hasPostgres, startPostgres } from './postgres.js';
import { recipes } from './recipes.js';
import { expectSame, readRows, type Row } from './truth.js';

const RECIPES = recipes().filter(({ id }) => FORMATS.some((format) => id === format || id.endsWith(`-${format}`)));
/** What the script for DuckDB is tried on. */
const FILES = [...FORMATS.map((format) => `leads.${format}`), 'leads.csv.gz'];
/** Of these the values come as text, whatever the column's type. */
const UNTYPED = ['csv', 'duckdb-csv', 'pyarrow-csv'];

let output: Output;
beforeAll(async () => {
  quiet();
  output = await Output.make();
});
afterAll(() => output.stop());

/** The script of the command `schema`, for a file beside the output in its place. */
function script(engine: Engine, file: string): string {
  const { columns, truth } = output;
  const destination = `s3://bucket/out/${file}`;
  return loadScript(engine, { destination, columns, leads: truth.length, table: 'leads' }).join('\n');
}

describe('every value of every lead, as the instance holds it,', () => {
  it.each(RECIPES)('is what the recipe $id reads', async ({ id, language, code }) => {
    const rows = await output.load(`recipe.${language === 'sql' ? 'sql' : 'py'}`, code);
    expectSame(rows, output.truth, output.columns, !UNTYPED.includes(id));
  });

  it.each(FILES)('is in the table that the script for DuckDB makes of %s', async (file) => {
    const sql = script('duckdb', file).replace(`s3://bucket/out/${file}`, file);
    const rows = await output.load(
      'script.py',
      [
        'import duckdb',
        `duckdb.execute(${JSON.stringify(sql)})`,
        `assert duckdb.fetchall() == [(${output.truth.length}, True)]`,
        'leads = duckdb.table("leads")',
      ].join('\n'),
    );
    expectSame(rows, output.truth, output.columns, true);
  });
});

const withPostgres = (await hasPostgres()) ? describe : describe.skip;

withPostgres('in PostgreSQL', () => {
  let postgres: Server;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  it('every value of every lead is in the table that the recipe makes, but for NUL characters', async () => {
    const recipe = recipes().find(({ id }) => id === 'postgres')?.code ?? '';
    const { destination } = output.service;
    const told = await output.shell(recipe.replaceAll('s3://bucket/leads.csv', destination), postgres.env);
    expect(told).toMatch(new RegExp(`${output.truth.length} \\| t\n`));
    await expectTable('leads');
  });

  it('so it is in the table of a compressed output', async () => {
    const sql = script('postgres', 'leads.csv.gz').replaceAll('"leads', '"gzip_leads');
    await output.shell(`psql -qf - <<'END'\n${sql}\nEND`, postgres.env);
    await expectTable('gzip_leads');
  });

  async function expectTable(table: string): Promise<void> {
    const query = `psql -XAtqc "SET TimeZone = 'UTC'" -c 'SELECT row_to_json(l) FROM ${table} l'`;
    const rows = readRows(await output.shell(query, postgres.env));
    const columns = output.columns.map((column) => ({ ...column, name: nameIn(column.name) }));
    expectSame(rows, output.truth.map(inPostgres), columns, true);
  }
});

/** PostgreSQL's names are cut: of the two fields of long names the second has a number. */
function nameIn(name: string): string {
  if (Buffer.byteLength(name) <= 63) return name;
  return name.endsWith('2__c') ? `${name.slice(0, 61)}_2` : name.slice(0, 63);
}

function inPostgres(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      nameIn(name),
      typeof value === 'string' ? value.replaceAll('\0', '') : value,
    ]),
  );
}
