import { describe, expect, it } from '@jest/globals';
import { ENGINES, loadScript, type Engine } from '../../src/schema/engines.js';
import { NotLoadableError, type LoadRequest } from '../../src/schema/load-request.js';

const REQUEST: LoadRequest = {
  destination: 's3://bucket/dir/leads.csv',
  columns: [
    { name: 'id', type: 'integer' },
    { name: 'annualRevenue', type: 'double' },
    { name: 'unsubscribed', type: 'boolean' },
    { name: 'dateOfBirth', type: 'date' },
    { name: 'createdAt', type: 'timestamp' },
    { name: 'email', type: 'text' },
  ],
  leads: 20_000,
  table: 'leads',
};

function script(engine: Engine, change: Partial<LoadRequest> = {}): string {
  return loadScript(engine, { ...REQUEST, ...change }).join('\n');
}

const GZIP = { destination: 's3://bucket/dir/leads.csv.gz' };
const PARQUET = { destination: 's3://bucket/dir/leads.parquet' };

describe('a script for DuckDB', () => {
  it('reads the file as text and casts what it can', () => {
    expect(script('duckdb')).toBe(`SET TimeZone = 'UTC';
CREATE TABLE "leads" AS
SELECT
  TRY_CAST("id" AS BIGINT) AS "id",
  TRY_CAST("annualRevenue" AS DOUBLE) AS "annualRevenue",
  TRY_CAST("unsubscribed" AS BOOLEAN) AS "unsubscribed",
  TRY_CAST("dateOfBirth" AS DATE) AS "dateOfBirth",
  TRY_CAST("createdAt" AS TIMESTAMPTZ) AS "createdAt",
  "email"
FROM read_csv('s3://bucket/dir/leads.csv',
  auto_detect = false, header = true, delim = ',', quote = '"', escape = '"',
  nullstr = 'null', allow_quoted_nulls = false,
  columns = {
    "id": 'VARCHAR',
    "annualRevenue": 'VARCHAR',
    "unsubscribed": 'VARCHAR',
    "dateOfBirth": 'VARCHAR',
    "createdAt": 'VARCHAR',
    "email": 'VARCHAR'
  });
SELECT COUNT(*) AS row_count, COUNT(*) = 20000 AS is_complete FROM "leads";`);
  });

  it('takes Parquet as it is', () => {
    expect(script('duckdb', PARQUET)).toContain(`SELECT * FROM read_parquet('s3://bucket/dir/leads.parquet');`);
  });
});

describe('a script for PostgreSQL', () => {
  it('copies texts, which COPY takes whatever they hold, and casts them by functions of the session', () => {
    const sql = script('postgres');
    expect(sql).toContain('CREATE TABLE "leads_text" (\n  "id" text,\n  "annualRevenue" text,');
    expect(sql).toContain(
      `\n\\copy "leads_text" FROM PROGRAM 'aws s3 cp s3://bucket/dir/leads.csv - | tr -d ''\\000''' WITH (FORMAT csv, HEADER true, NULL 'null', ENCODING 'UTF8')\n`,
    );
    expect(sql).toContain('CREATE FUNCTION pg_temp.try_integer(value text) RETURNS bigint');
    expect(sql).toContain('RETURN value::numeric::bigint;');
    expect(sql).toContain('  pg_temp.try_timestamp("createdAt") AS "createdAt",\n  "email"\nFROM "leads_text";');
  });

  it('makes functions of the types that there are alone', () => {
    expect(script('postgres', { columns: [{ name: 'email', type: 'text' }] })).not.toContain('FUNCTION');
  });

  it('unpacks what is compressed, and quotes for the shell what needs it', () => {
    expect(script('postgres', { destination: "s3://bucket/a b/o'clock.csv.gz" })).toContain(
      `PROGRAM 'aws s3 cp ''s3://bucket/a b/o''\\''''clock.csv.gz'' - | gunzip | tr -d ''\\000'''`,
    );
  });

  it('cuts names at 63 bytes and says what it did', () => {
    const name = `Custom_${'x'.repeat(60)}`;
    const sql = script('postgres', { columns: [{ name, type: 'text' }] });
    expect(sql).toContain(`-- "${name.slice(0, 63)}" is the column "${name}" of the output.`);
  });
});

describe('a script for Snowflake', () => {
  it('names the file alone and takes backslashes, empty values and line breaks for what they are', () => {
    const sql = script('snowflake');
    expect(sql).toContain("FROM 's3://bucket/dir/'\n");
    expect(sql).toContain("FILES = ('leads.csv')");
    for (const option of [
      'COMPRESSION = NONE',
      'ESCAPE_UNENCLOSED_FIELD = NONE',
      "NULL_IF = ('null')",
      'EMPTY_FIELD_AS_NULL = FALSE',
      'SKIP_HEADER = 1',
      'MULTI_LINE = TRUE',
      `FIELD_OPTIONALLY_ENCLOSED_BY = '"'`,
    ])
      expect(sql).toContain(option);
    expect(sql).toContain('TRY_CAST("createdAt" AS TIMESTAMP_LTZ) AS "createdAt"');
    expect(script('snowflake', GZIP)).toContain('COMPRESSION = GZIP');
  });

  it('loads Parquet by the names of the columns', () => {
    const sql = script('snowflake', PARQUET);
    expect(sql).toContain('"createdAt" TIMESTAMP_LTZ,\n  "email" VARCHAR,\n  "_uncast" VARCHAR\n);');
    expect(sql).toContain('MATCH_BY_COLUMN_NAME = CASE_SENSITIVE');
  });
});

describe('a script for BigQuery', () => {
  it('allows line breaks and control characters in values', () => {
    const sql = script('bigquery', { table: 'crm.leads' });
    expect(sql).toContain('LOAD DATA INTO `crm`.`leads_text` (\n  `id` STRING,');
    expect(sql).toContain("uris = ['gs://bucket/dir/leads.csv']");
    for (const option of ['allow_quoted_newlines', 'preserve_ascii_control_characters'])
      expect(sql).toContain(`${option} = true`);
    expect(sql).toContain("null_marker = 'null'");
    expect(sql).toContain('SAFE_CAST(SAFE_CAST(`id` AS NUMERIC) AS INT64) AS `id`');
  });

  it('has names of letters, digits and _ alone', () => {
    const sql = script('bigquery', { columns: [{ name: 'Größe`', type: 'text' }] });
    expect(sql).toContain('  `Gr__e_` STRING');
    expect(sql).toContain('-- `Gr__e_` is the column "Größe`" of the output.');
  });

  it('takes the columns of Parquet from the file', () => {
    expect(script('bigquery', PARQUET)).toContain(
      "LOAD DATA INTO `leads`\nFROM FILES (format = 'PARQUET', uris = ['gs://bucket/dir/leads.parquet']);",
    );
  });
});

describe('a script for Redshift', () => {
  it('casts only what TRY_CAST takes', () => {
    const sql = script('redshift');
    expect(sql).toContain(`FORMAT AS CSV QUOTE AS '"' IGNOREHEADER 1 NULL AS 'null' ENCODING UTF8;`);
    expect(sql).toContain(`CASE LOWER("unsubscribed") WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END`);
    expect(sql).toContain(`TRY_CAST(TRY_CAST(NULLIF("id", '') AS DECIMAL(38, 9)) AS BIGINT) AS "id"`);
    expect(script('redshift', GZIP)).toContain('ENCODING UTF8 GZIP;');
  });

  it('loads Parquet by the places of the columns', () => {
    expect(script('redshift', PARQUET)).toContain('"createdAt" TIMESTAMP,\n  "email" VARCHAR(65535),\n  "_uncast"');
  });
});

describe('a script for Athena', () => {
  it('finds columns by their place, in the folder of the output', () => {
    const sql = script('athena', PARQUET);
    expect(sql).toContain('  `annualrevenue` double,\n');
    expect(sql).toContain("'parquet.column.index.access' = 'true'");
    expect(sql).toContain("LOCATION 's3://bucket/dir/';");
    expect(sql).toContain('FROM "leads";');
  });
});

describe('the scripts', () => {
  it.each([
    ['athena', {}, /Parquet/],
    ['athena', GZIP, /Parquet/],
    ['postgres', PARQUET, /DuckDB/],
  ] as const)('of %s are refused for what it cannot read, with a way out', (engine, change, way) => {
    expect(() => script(engine, change)).toThrow(NotLoadableError);
    expect(() => script(engine, change)).toThrow(way);
  });

  it.each(ENGINES)('of %s have a column for each of the output, also where case alone tells them apart', (engine) => {
    const columns = ['id', 'Email', 'email'].map((name) => ({ name, type: 'text' }) as const);
    const change = { columns, ...(engine === 'athena' && PARQUET) };
    expect(script(engine, change)).toContain('email_2');
    expect(script(engine, change)).toMatch(/^-- .email_2. is the column "email" of the output\.$/m);
  });

  it.each(ENGINES)('of %s end with a query that tells whether every lead came', (engine) => {
    const sql = script(engine, engine === 'athena' ? PARQUET : {});
    expect(sql).toMatch(/\nSELECT COUNT\(\*\) AS row_count, COUNT\(\*\) = 20000 AS is_complete FROM .leads.;$/);
  });

  it.each(['snowflake', 'duckdb', 'postgres', 'redshift'] as const)('of %s cannot be left by a quote', (engine) => {
    const sql = script(engine, {
      columns: [{ name: 'a"; DROP', type: 'text' }],
      destination: "s3://bucket/o'clock.csv",
    });
    expect(sql).toContain('"a""; DROP"');
    expect(sql).not.toMatch(/[^']o'clock/);
    expect(sql).toContain(`'clock.csv`);
  });
});
