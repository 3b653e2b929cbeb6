/** The header row is unusable: no column or more than one column is named `id`, or it isn't CSV. Carries no content. */
export class InvalidHeaderError extends Error {
  override readonly name = 'InvalidHeaderError';
}

/**
 * The `id` of a record is not `^[0-9]+$` (optionally quoted) or is above 2^53 − 1. The message names the record by number
 * and carries nothing of its content.
 */
export class InvalidIdError extends Error {
  override readonly name = 'InvalidIdError';

  /** @param recordNumber 1 for the first record after the header */
  constructor(readonly recordNumber: number) {
    super(`Record ${recordNumber} has no valid id: expected digits only, optionally quoted, at most 2^53 - 1`);
  }
}

/** Bytes that were to be read as an id set are damaged, cut off or something else. */
export class InvalidIdSetError extends Error {
  override readonly name = 'InvalidIdSetError';
}
