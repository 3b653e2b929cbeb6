import { readManifest } from '../../merge/manifest-file.js';
import { readSchema } from '../../merge/schema-file.js';
import { outputNames, type OutputNames } from '../../parts/output-names.js';
import { ENGINES, loadScript, type Engine } from '../../schema/engines.js';
import { NotLoadableError } from '../../schema/load-request.js';
import { createObjectStore, type ObjectStore } from '../../storage/object-store.js';
import { headObject } from '../../storage/objects.js';
import { InvalidS3UrlError } from '../../storage/s3-url.js';
import type { Manifest } from '../../contract/manifest.js';
import { storageSettings } from '../environment.js';
import { CommandError, EXIT, type ExitCode } from '../exit.js';
import { say, type Terminal } from '../terminal.js';

export interface SchemaOptions {
  readonly destination: string;
  readonly for?: Engine;
  readonly table: string;
  readonly json?: true;
}

/**
 * Prints what loads an output into a table, or its columns.
 *
 * @throws CommandError where there is no such output, or the engine cannot read it
 */
export async function schema(options: SchemaOptions, terminal: Terminal): Promise<ExitCode> {
  const { for: engine, json, table } = options;
  if (engine === undefined && json !== true) {
    throw new CommandError(`For what? Give --for with one of ${ENGINES.join(', ')}, or --json.`, EXIT.usage);
  }
  const output = namesOf(options.destination);
  const store = createObjectStore({ ...storageSettings(terminal.env), env: terminal.env });
  try {
    const { destination, columns, leads } = await manifestOfOutput(store, output);
    if (json === true) say(terminal, JSON.stringify(await schemaOfOutput(store, output), null, 2));
    else if (engine) say(terminal, loadScript(engine, { destination, columns, leads, table }).join('\n'));
    return EXIT.done;
  } catch (error) {
    if (error instanceof NotLoadableError) throw new CommandError(error.message);
    throw error;
  } finally {
    store.client.destroy();
  }
}

function namesOf(destination: string): OutputNames {
  try {
    return outputNames(destination);
  } catch (error) {
    if (error instanceof InvalidS3UrlError) throw new CommandError(error.message, EXIT.usage);
    throw error;
  }
}

/** The manifest, if it is that of what lies at the destination. */
async function manifestOfOutput(store: ObjectStore, output: OutputNames): Promise<Manifest> {
  const [manifest, object] = await Promise.all([readManifest(store, output), headObject(store, output.object)]);
  if (!manifest) throw new CommandError(`There is no manifest of ${output.destination}: has a run published it?`);
  if (manifest.etag !== object?.etag) {
    throw new CommandError(
      `What lies at ${output.destination} is not what its manifest tells of: a run is publishing it now, or somebody else wrote it.`,
    );
  }
  return manifest;
}

async function schemaOfOutput(store: ObjectStore, output: OutputNames): Promise<unknown> {
  const found = await readSchema(store, output);
  if (!found) throw new CommandError(`There is no schema.json beside ${output.destination}.`);
  return found;
}
