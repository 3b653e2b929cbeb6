/** What lies in S3 is not what was verified: nothing is published. */
export class MergeMismatchError extends Error {
  override readonly name = 'MergeMismatchError';
}

/** Somebody else wrote the destination while the run was under way. */
export class DestinationChangedError extends Error {
  override readonly name = 'DestinationChangedError';
}
