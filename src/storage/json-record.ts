import type { z } from 'zod';
import { sha256 } from '../bytes/sha256.js';
import type { ObjectStore } from './object-store.js';
import type { Condition } from './conditions.js';
import { getObject, putBytes } from './objects.js';
import type { ObjectLocation } from './s3-url.js';

/** A small JSON object as it lies in S3. */
export interface JsonRecord<T> {
  readonly value: T;
  /** SHA-256 of its bytes, 64 hex digits. */
  readonly sha256: string;
  readonly etag: string;
}

/** The record at a location, or `null` where there is none, or none that the schema can read. */
export async function readJson<S extends z.ZodType>(
  store: ObjectStore,
  location: ObjectLocation,
  schema: S,
  signal?: AbortSignal,
): Promise<JsonRecord<z.output<S>> | null> {
  const found = await getObject(store, location, { signal });
  if (!found) return null;
  const { bytes, etag } = found;
  try {
    return { value: schema.parse(JSON.parse(bytes.toString())), sha256: sha256(bytes), etag };
  } catch {
    return null;
  }
}

/**
 * Writes a record, on lines for people to read.
 *
 * @throws an error that `isPreconditionFailed` knows, where the condition does not hold
 */
export async function writeJson<T>(
  store: ObjectStore,
  location: ObjectLocation,
  value: T,
  options: { readonly condition?: Condition; readonly signal?: AbortSignal | undefined } = {},
): Promise<JsonRecord<T>> {
  const bytes = Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
  const etag = await putBytes(store, location, bytes, { contentType: 'application/json', ...options });
  return { value, sha256: sha256(bytes), etag };
}
