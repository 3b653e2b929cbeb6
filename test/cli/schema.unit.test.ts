import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { columnsOf } from '../../src/contract/columns.js';
import type { OutputSchema } from '../../src/contract/output-schema.js';
import { outputNames } from '../../src/parts/output-names.js';
import { MemoryS3 } from '../helpers/memory-s3.js';
import { manifestOf, windowOf } from '../report/samples.js';
import { cli, type Ran } from './cli.js';

const DESTINATION = 's3://bucket/out/leads.csv';
const OUTPUT = outputNames(DESTINATION);
const ENV = { AWS_REGION: 'us-east-1', S3_FORCE_PATH_STYLE: 'true' };

let s3: MemoryS3;
beforeEach(async () => {
  s3 = await MemoryS3.start();
});
afterEach(() => s3.stop());

function schema(...args: readonly string[]): Promise<Ran> {
  return cli(['schema', '--destination', DESTINATION, ...args], { env: ENV });
}

/** An output with what lies beside it. */
function publish(): OutputSchema {
  s3.put(OUTPUT.object.key, 'id,email\n1,a\n');
  const etag = s3.objects.get(OUTPUT.object.key)?.etag ?? '';
  const columns = columnsOf(['id', 'email'], [{ name: 'email', dataType: 'email', length: 255 }]);
  const told = columns.map(({ name, dataType, type }) => ({ name, dataType, type }));
  const manifest = manifestOf([windowOf(0)], { destination: DESTINATION, etag, columns: told });
  s3.put(OUTPUT.manifest.key, JSON.stringify(manifest));
  const { instance, endAt } = manifest;
  const beside: OutputSchema = { version: 1, instance, destination: DESTINATION, endAt, columns };
  s3.put(OUTPUT.schema.key, JSON.stringify(beside));
  return beside;
}

describe('schema', () => {
  it('prints what loads this very output', async () => {
    publish();
    const { code, stdout, stderr } = await schema('--for', 'duckdb', '--table', 'crm.people');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(
      'CREATE TABLE "crm"."people" AS\nSELECT\n  TRY_CAST("id" AS BIGINT) AS "id",\n  "email"\n',
    );
    expect(stdout).toContain(`read_csv('${DESTINATION}'`);
    expect(stdout).toContain('COUNT(*) = 1000 AS is_complete');
  });

  it('prints the columns for machines', async () => {
    const beside = publish();
    expect(JSON.parse((await schema('--json')).stdout)).toEqual(beside);
  });

  it('says that there is no output, or that its manifest is of another', async () => {
    expect(await schema('--for', 'duckdb')).toMatchObject({ code: 1, stderr: expect.stringContaining('no manifest') });
    publish();
    s3.put(OUTPUT.object.key, 'of somebody else');
    expect(await schema('--for', 'duckdb')).toMatchObject({ code: 1, stderr: expect.stringContaining('is not what') });
  });

  it('says what an engine cannot load, with a way out', async () => {
    publish();
    expect(await schema('--for', 'athena')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('.parquet'),
    });
  });

  it('asks what for, and where', async () => {
    expect(await schema()).toMatchObject({ code: 2, stderr: expect.stringContaining('--for') });
    expect(await schema('--for', 'excel')).toMatchObject({ code: 2, stderr: expect.stringContaining('snowflake') });
    const nowhere = await cli(['schema', '--for', 'duckdb', '--destination', 'leads.csv'], { env: ENV });
    expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining('s3://bucket/key') });
  });
});
