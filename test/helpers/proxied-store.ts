import { createObjectStore, type ObjectStore } from '../../src/storage/object-store.js';
import { S3Proxy } from './s3-proxy.js';

export interface ProxiedStore {
  readonly proxy: S3Proxy;
  readonly store: ObjectStore;
  /** Ends both, and lets `AWS_ENDPOINT_URL_S3` be what it was. */
  readonly close: () => Promise<void>;
}

/** A store as the environment makes it, whose requests go through a proxy of its own. */
export async function proxiedStore(): Promise<ProxiedStore> {
  const endpoint = process.env['AWS_ENDPOINT_URL_S3'] ?? '';
  const proxy = await S3Proxy.start(endpoint);
  process.env['AWS_ENDPOINT_URL_S3'] = proxy.url;
  const store = createObjectStore({ forcePathStyle: true });
  return {
    proxy,
    store,
    close: async () => {
      process.env['AWS_ENDPOINT_URL_S3'] = endpoint;
      store.client.destroy();
      await proxy.stop();
    },
  };
}
