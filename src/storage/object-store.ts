import { S3Client } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { defined } from '../contract/defined.js';
import { createProxyAgents } from '../http/proxy-agents.js';
import type { ProxyEnvironment } from '../http/proxy-environment.js';
import { ownError } from './s3-errors.js';
import { heedSignals } from './signals.js';

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
  /** Names the proxies. @default process.env */
  readonly env?: ProxyEnvironment;
}

/** Requests that a worker has under way at once: a few transfers with two parts each, and the copies of a merge. */
const MAX_SOCKETS = 64;

/**
 * Connects to S3 with the SDK's own environment (credentials, endpoint), through the proxy that the environment names.
 * Requests are tried five times by the SDK; a connection that is not made within 5 s, or on which nothing moves for a minute,
 * is given up.
 *
 * What the client throws is an `S3ServiceException`, an error of the connection or the credentials, or one of s3-errors.ts.
 */
export function createObjectStore(options: ObjectStoreOptions): ObjectStore {
  const agents = createProxyAgents({ keepAlive: true, maxSockets: MAX_SOCKETS }, options.env ?? process.env);
  const client = new S3Client({
    ...defined({ region: options.region }),
    forcePathStyle: options.forcePathStyle,
    maxAttempts: 5,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 5_000,
      socketTimeout: 60_000,
      httpAgent: agents.http,
      httpsAgent: agents.https,
    }),
  });
  heedSignals(client);
  nameErrors(client);
  return { client, encryption: defined({ ServerSideEncryption: options.sse, SSEKMSKeyId: options.sseKmsKeyId }) };
}

/** Lets a client throw errors of our own where the SDK's say too little. */
function nameErrors(client: S3Client): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        try {
          return await next(args);
        } catch (error) {
          const bucket = 'Bucket' in args.input ? args.input.Bucket : undefined;
          throw ownError(error, {
            operation: String(commandName).replace(/Command$/, ''),
            bucket: bucket ?? '',
            region: await client.config.region(),
          });
        }
      },
    { step: 'initialize', name: 'nameErrors' },
  );
}
