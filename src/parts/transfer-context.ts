import type { MarketoClient } from '../marketo/client.js';
import type { ObjectStore } from '../storage/object-store.js';
import type { ObjectLocation } from '../storage/s3-url.js';
import type { ExpectedFile } from './part-verifier.js';

/** What bringing a file to S3 works with. */
export interface TransferContext {
  readonly marketo: MarketoClient;
  readonly store: ObjectStore;
  readonly signal: AbortSignal;
  /** Upload of an earlier attempt, a hint that S3 confirms or not. */
  readonly uploadId: string | undefined;
  /** Called when bytes have been uploaded, and each time that a transfer is taken up again. */
  readonly onProgress: (progress: { readonly uploadId: string; readonly uploadedBytes: number }) => void;
  /** Called with the reason each time that a download is taken up again. */
  readonly onResume: (reason: string) => void;
}

/** One job's file, and the part that it becomes. */
export interface StoreContext extends TransferContext {
  readonly location: ObjectLocation;
  readonly exportId: string;
  readonly file: ExpectedFile;
}
