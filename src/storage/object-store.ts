import { S3Client } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

/** A connection to S3 and how objects are written through it. */
export interface ObjectStore {
  readonly client: S3Client;
  /** Server-side encryption of everything that is written; the bucket's own default where absent. */
  readonly encryption: { readonly ServerSideEncryption?: 'AES256' | 'aws:kms'; readonly SSEKMSKeyId?: string };
}

export interface ObjectStoreOptions {
  /** Absent where the AWS configuration names it. */
  readonly region?: string;
  /** True for most stores that are not AWS. */
  readonly forcePathStyle: boolean;
  readonly sse?: 'AES256' | 'aws:kms';
  readonly sseKmsKeyId?: string;
}

/** Requests that a worker has under way at once: a few transfers with two parts each, and the copies of a merge. */
const MAX_SOCKETS = 64;

/**
 * Connects to S3 with the SDK's own environment (credentials, endpoint). Requests are tried five times by the SDK; a
 * connection that is not made within 5 s, or on which nothing moves for a minute, is given up.
 */
export function createObjectStore(options: ObjectStoreOptions): ObjectStore {
  const agentOptions = { keepAlive: true, maxSockets: MAX_SOCKETS };
  const client = new S3Client({
    ...(options.region !== undefined && { region: options.region }),
    forcePathStyle: options.forcePathStyle,
    maxAttempts: 5,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 5_000,
      socketTimeout: 60_000,
      httpAgent: new HttpAgent(agentOptions),
      httpsAgent: new HttpsAgent(agentOptions),
    }),
  });
  return {
    client,
    encryption: {
      ...(options.sse && { ServerSideEncryption: options.sse }),
      ...(options.sseKmsKeyId !== undefined && { SSEKMSKeyId: options.sseKmsKeyId }),
    },
  };
}
