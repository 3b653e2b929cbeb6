import { sha256 } from '../bytes/sha256.js';
import { RunFailure } from '../contract/failures.js';
import type { Manifest } from '../contract/manifest.js';
import { InvalidIdSetError } from '../csv/csv-errors.js';
import { IdSet } from '../csv/id-set.js';
import type { OutputNames } from '../parts/output-names.js';
import type { ObjectStore } from '../storage/object-store.js';
import { getBytes, putBytes } from '../storage/objects.js';
import { isPreconditionFailed } from '../storage/s3-errors.js';
import { asPlanned, type MergeContext } from './merge-context.js';

/** The id set of an output as its manifest tells of it. */
export type OutputIds = NonNullable<Manifest['ids']>;

/**
 * Writes the id set of a published output. What was there when the run was planned, or nothing, must still be there, or what an
 * earlier attempt wrote: an attempt that was given up never replaces the set of a newer output.
 *
 * @throws RunFailure `DestinationChanged` if another run wrote one meanwhile
 */
export async function writeOutputIds(
  { store, output, accountEtags, destination, signal }: MergeContext,
  ids: IdSet,
): Promise<OutputIds> {
  const bytes = ids.serialize();
  const told = { bytes: bytes.length, sha256: sha256(bytes), cardinality: ids.cardinality };
  try {
    await putBytes(store, output.ids, bytes, { condition: asPlanned(accountEtags.ids), signal });
  } catch (error) {
    if (!isPreconditionFailed(error)) throw error;
    const present = await getBytes(store, output.ids, { signal });
    if (!present || sha256(present) !== told.sha256)
      throw new RunFailure('DestinationChanged', `The id set of ${destination} was written by another run`);
  }
  return told;
}

/** The id set of an output, if it is the one that its manifest tells of; whoever gets it disposes of it. */
export async function readOutputIds(
  store: ObjectStore,
  output: OutputNames,
  { ids: told }: Pick<Manifest, 'ids'>,
  signal?: AbortSignal,
): Promise<IdSet | undefined> {
  const bytes = told && (await getBytes(store, output.ids, { signal }));
  if (!bytes || sha256(bytes) !== told.sha256) return undefined;
  try {
    const ids = IdSet.deserialize(bytes);
    if (ids.cardinality === told.cardinality) return ids;
    ids.dispose();
    return undefined;
  } catch (error) {
    if (error instanceof InvalidIdSetError) return undefined;
    throw error;
  }
}
