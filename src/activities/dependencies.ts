import type { MarketoClient } from '../marketo/client.js';
import type { ObjectStore } from '../storage/object-store.js';

/** What activities work with, made once per worker. */
export interface Dependencies {
  readonly marketo: MarketoClient;
  readonly store: ObjectStore;
  /** Told when a download goes on after a break. For metrics. */
  readonly onDownloadResumed?: () => void;
}
