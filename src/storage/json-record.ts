import type { z } from 'zod';
import { sha256 } from '../bytes/sha256.js';
import type { ObjectStore } from './object-store.js';
import { getBytes, putBytes } from './objects.js';
import type { ObjectLocation } from './s3-url.js';

/** A small JSON object as it lies in S3. */
export interface JsonRecord<T> {
  readonly value: T;
  /** SHA-256 of its bytes, 64 hex digits. */
  readonly sha256: string;
}

/** The record at a location, or `null` where there is none, or none that the schema can read. */
export async function readJson<S extends z.ZodType>(
  store: ObjectStore,
  location: ObjectLocation,
  schema: S,
): Promise<JsonRecord<z.output<S>> | null> {
  const bytes = await getBytes(store, location);
  if (!bytes) return null;
  try {
    return { value: schema.parse(JSON.parse(bytes.toString())), sha256: sha256(bytes) };
  } catch {
    return null;
  }
}

/** Writes a record, on lines for people to read. */
export async function writeJson<T>(store: ObjectStore, location: ObjectLocation, value: T): Promise<JsonRecord<T>> {
  const bytes = Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
  await putBytes(store, location, bytes, { contentType: 'application/json' });
  return { value, sha256: sha256(bytes) };
}
