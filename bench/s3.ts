import { startS3, type S3Server } from '../scripts/servers/index.js';
import { createObjectStore, type ObjectStore } from '../src/storage/object-store.js';
import type { Bench } from './benchmark.js';

/** What went over a store's connection. */
export interface Traffic {
  /** By command, such as `UploadPart`. */
  readonly requests: Record<string, number>;
  /** Bytes of all objects and ranges that were read. */
  bytesRead: number;
}

/**
 * SeaweedFS compresses what looks like text, when it is written and again when it is copied, which takes it more time than all
 * else. S3 does no such thing. A type that says nothing keeps it from that, for every contender.
 */
const OPAQUE = 'binary/octet-stream';
const WRITES_BYTES = /^UploadPart(?:Copy)?Command$/;

/** An S3 server of the benchmark's own, and a connection to it that counts. */
export async function startCountedS3(
  bench: Bench,
): Promise<{ readonly server: S3Server; readonly store: ObjectStore; readonly traffic: Traffic }> {
  const server = await bench.keep(startS3('bench'));
  Object.assign(process.env, server.env);
  const store = createObjectStore({ region: 'us-east-1', forcePathStyle: true });
  const traffic: Traffic = { requests: {}, bytesRead: 0 };
  store.client.middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        const { headers } = args.request as { headers: Record<string, string> };
        if (WRITES_BYTES.test(commandName)) headers['content-type'] = OPAQUE;
        return next(args);
      },
    { step: 'build', name: 'leaveUncompressed' },
  );
  store.client.middlewareStack.add(
    (next, context) => async (args) => {
      const command = (context.commandName ?? 'unknown').replace(/Command$/, '');
      traffic.requests[command] = (traffic.requests[command] ?? 0) + 1;
      const result = await next(args);
      if (command === 'GetObject') {
        const { headers } = result.response as { headers: Record<string, string> };
        traffic.bytesRead += Number(headers['content-length'] ?? 0);
      }
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'countTraffic' },
  );
  return { server, store, traffic };
}

/** Requests of all kinds. */
export function requestsOf({ requests }: Traffic): number {
  return Object.values(requests).reduce((sum, count) => sum + count, 0);
}
