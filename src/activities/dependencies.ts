import type { MarketoClient } from '../marketo/client.js';
import type { ObjectStore } from '../storage/object-store.js';

/** What activities work with, made once per worker. */
export interface Dependencies {
  readonly marketo: MarketoClient;
  readonly store: ObjectStore;
  /** Program that makes Parquet. @default the one beside this code, as it is built */
  readonly converterPath?: string;
  /** Told when a download goes on after a break. For metrics. */
  readonly onDownloadResumed?: () => void;
}
