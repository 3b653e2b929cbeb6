import { formatOf } from '../contract/format.js';
import type { ObjectOptions } from '../storage/object-options.js';

/** Metadata of the output that tells which plan it was made by: SHA-256 of the plan, 64 hex digits. */
export const PLAN_METADATA = 'marketo-extract-plan';

/** What the output is written with. @param plan SHA-256 of its plan */
export function writeOptionsOf(
  {
    destination,
    contentType,
    tags,
  }: {
    readonly destination: string;
    readonly contentType: string;
    readonly tags: Readonly<Record<string, string>>;
  },
  plan: string,
): ObjectOptions {
  return {
    contentType,
    ...(formatOf(destination) === 'gzip' && { contentEncoding: 'gzip' }),
    metadata: { [PLAN_METADATA]: plan },
    tags,
  };
}
