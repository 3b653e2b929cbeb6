import { MarketoError, NETWORK } from '../marketo/marketo-errors.js';
import { describeS3Error } from '../storage/s3-errors.js';

/**
 * What is wrong with Marketo or S3 and what to do about it, for whoever runs a worker or a command; `undefined` for an error
 * of neither. Nothing secret is in it.
 */
export function troubleOf(error: unknown): string | undefined {
  if (error instanceof MarketoError) {
    const remedy = ' See that MARKETO_ENDPOINT is right and can be reached from here.';
    return error.code === NETWORK ? `${error.message}${remedy}` : error.message;
  }
  const s3 = describeS3Error(error);
  return s3 && `S3 refuses or fails: ${s3.message}`;
}
