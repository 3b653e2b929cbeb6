// `npm run docs:schemas`: writes docs/schemas from the schemas that the code checks with; a test fails when they are stale.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { z } from 'zod';
import { inputSchema, readInput } from '../src/contract/input.js';
import { manifestSchema } from '../src/contract/manifest.js';
import { ROOT } from './root.js';

/** Where the files are. */
export const SCHEMAS = join(ROOT, 'docs/schemas');

/** The files as they must be, by name: JSON Schema, draft 2020-12. */
export async function schemaFiles(): Promise<ReadonlyMap<string, string>> {
  const input = toJsonSchema(inputSchema);
  const properties = Object.entries(input.properties ?? {}).map(([key, value]) => [
    key,
    // What a schema cannot say, such as bytes of UTF-8 and rules across keys, stands in words.
    { description: validValue(key), ...(value as object) },
  ]);
  const of = {
    'input.json': {
      title: 'Input of the workflow extractLeads',
      ...input,
      properties: Object.fromEntries(properties) as object,
    },
    'manifest.json': { title: 'Manifest of an output', ...toJsonSchema(manifestSchema) },
  };
  const options = await resolveConfig(join(SCHEMAS, 'input.json'));
  const files = Object.entries(of).map(
    async ([name, schema]) => [name, await format(JSON.stringify(schema), { ...options, parser: 'json' })] as const,
  );
  return new Map(await Promise.all(files));
}

/** As what is read: keys with a default may be left out, and a manifest may one day tell more. */
function toJsonSchema(schema: z.ZodType): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      // Of TypeScript's types; to JSON Schema it means what nobody may send.
      delete jsonSchema.readOnly;
    },
  });
}

/** What the contract says of a key to somebody who gave something else. */
function validValue(key: string): string {
  const reading = readInput({ destination: 's3://bucket/key', [key]: { not: ['valid'] } }, Date.now());
  const problem = 'problems' in reading ? reading.problems.find((text) => text.startsWith(`${key}:`)) : undefined;
  const valid = problem?.split('; valid is ')[1];
  if (valid === undefined) throw new Error(`${key} takes anything`);
  return valid;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await mkdir(SCHEMAS, { recursive: true });
  for (const [name, text] of await schemaFiles()) await writeFile(join(SCHEMAS, name), text);
}
