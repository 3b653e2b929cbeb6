import { ConditionFailedError, isConflict, isNotFound } from './s3-errors.js';

/** What must lie at the key for a write to be done: the object with this ETag, nothing, or whatever. */
export type Condition = { readonly ifMatch: string } | { readonly ifNoneMatch: '*' } | undefined;

/** The request parameters that make up a {@link Condition}. */
export function conditionParameters(condition: Condition): { IfMatch?: string; IfNoneMatch?: string } {
  if (condition === undefined) return {};
  return 'ifMatch' in condition ? { IfMatch: condition.ifMatch } : { IfNoneMatch: condition.ifNoneMatch };
}

/**
 * Makes a write on a condition. S3 answers 412 where it does not hold, 404 where the object that it asks for is gone, and 409
 * where another write got in between (Amazon S3: Conditional writes): then what lies there decides.
 *
 * @param look the ETag of what lies at the key now, or `null`
 * @throws an error that `isPreconditionFailed` knows, where the condition does not hold
 */
export async function onCondition<R>(
  condition: Condition,
  write: () => Promise<R>,
  look: () => Promise<string | null>,
): Promise<R> {
  try {
    return await write();
  } catch (error) {
    if (condition === undefined) throw error;
    const wanted = 'ifMatch' in condition ? condition.ifMatch : null;
    if (wanted !== null && isNotFound(error)) throw new ConditionFailedError({ cause: error });
    if (isConflict(error) && (await look()) !== wanted) throw new ConditionFailedError({ cause: error });
    throw error;
  }
}
