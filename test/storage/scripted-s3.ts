import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createObjectStore, type ObjectStore, type ObjectStoreOptions } from '../../src/storage/object-store.js';

/** A store that answers as a test says. */
export interface ScriptedS3 {
  readonly store: ObjectStore;
  /** Requests so far, as method and path with query. */
  readonly requests: string[];
  readonly stop: () => Promise<void>;
}

/** Starts a server that answers each request so once its body has come, and connects to it. */
export async function scriptedS3(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  options: Partial<ObjectStoreOptions> = {},
): Promise<ScriptedS3> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    request.resume();
    request.on('end', () => {
      answer(request, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const environment = {
    AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: 'scripted',
    AWS_SECRET_ACCESS_KEY: 'scripted',
  };
  const before = Object.keys(environment).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, environment);
  const store = createObjectStore({ region: 'us-east-1', forcePathStyle: true, ...options });
  return {
    store,
    requests,
    stop: async () => {
      for (const [name, value] of before) {
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      }
      store.client.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** An error as S3 writes it. */
export function errorXml(code: string, more = ''): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>by a test</Message>${more}</Error>`;
}

export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}
