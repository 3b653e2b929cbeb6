import { manifestSchema, type Manifest } from '../contract/manifest.js';
import type { OutputNames } from '../parts/output-names.js';
import { readJson, writeJson } from '../storage/json-record.js';
import type { Condition } from '../storage/conditions.js';
import type { ObjectStore } from '../storage/object-store.js';

/** The manifest beside an output, or `null` where there is none, or none of this version. */
export async function readManifest(
  store: ObjectStore,
  { manifest }: OutputNames,
  signal?: AbortSignal,
): Promise<Manifest | null> {
  const found = await readJson(store, manifest, manifestSchema, signal);
  return found && found.value;
}

/** @throws ConditionFailedError, or a 412, if somebody wrote another one meanwhile */
export async function writeManifest(
  store: ObjectStore,
  { manifest: location }: OutputNames,
  manifest: Manifest,
  options: { readonly condition: Condition; readonly signal: AbortSignal },
): Promise<void> {
  await writeJson(store, location, manifest, options);
}
