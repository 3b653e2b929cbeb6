import { isDeepStrictEqual } from 'node:util';
import { outputSchema, type OutputSchema } from '../contract/output-schema.js';
import type { OutputNames } from '../parts/output-names.js';
import type { Condition } from '../storage/conditions.js';
import { readJson, writeJson } from '../storage/json-record.js';
import type { ObjectStore } from '../storage/object-store.js';
import { isPreconditionFailed } from '../storage/s3-errors.js';

/** The schema beside an output, or `null` where there is none, or none of this version. */
export async function readSchema(
  store: ObjectStore,
  { schema }: OutputNames,
  signal?: AbortSignal,
): Promise<OutputSchema | null> {
  const found = await readJson(store, schema, outputSchema, signal);
  return found && found.value;
}

/**
 * Writes the schema beside an output. What an earlier attempt of the same run wrote is the same to the letter, and left.
 *
 * @throws an error that `isPreconditionFailed` knows, if somebody wrote another one meanwhile
 */
export async function writeSchema(
  store: ObjectStore,
  output: OutputNames,
  schema: OutputSchema,
  options: { readonly condition: Condition; readonly signal: AbortSignal },
): Promise<void> {
  try {
    await writeJson(store, output.schema, schema, options);
  } catch (error) {
    if (!isPreconditionFailed(error)) throw error;
    if (!isDeepStrictEqual(await readSchema(store, output, options.signal), schema)) throw error;
  }
}
