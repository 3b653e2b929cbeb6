import { ListBucketsCommand, S3ServiceException } from '@aws-sdk/client-s3';
import type { ObjectStore } from './object-store.js';
import { isRefused } from './s3-errors.js';
import { droppable } from './signals.js';

/**
 * Sees that S3 can be reached and knows the credentials, without knowing a bucket: asks for one bucket of the account. A run
 * needs no permission for that, and a store need not know the request: such refusals come from S3 and after the signature was
 * checked, which is all that is asked.
 *
 * @throws an error that `describeS3Error` knows, where S3 is not reached or refuses the credentials
 */
export async function checkCredentials({ client }: ObjectStore, signal?: AbortSignal): Promise<void> {
  try {
    await droppable(signal, (options) => client.send(new ListBucketsCommand({ MaxBuckets: 1 }), options));
  } catch (error) {
    // The service that gives credentials for a role denies access by the same name.
    const mayNotList = error instanceof S3ServiceException && error.name === 'AccessDenied';
    if (!mayNotList && !isRefused(error)) throw error;
  }
}
