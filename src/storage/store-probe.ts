import { randomUUID } from 'node:crypto';
import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { deleteObjects } from './delete-objects.js';
import { abortUpload, findUploads, type MultipartUpload } from './multipart-upload.js';
import type { ObjectStore } from './object-store.js';
import {
  BucketError,
  describeS3Error,
  isNoSuchUpload,
  isNotFound,
  isPreconditionFailed,
  isRefused,
  StoreLacksError,
  type S3ErrorDescription,
} from './s3-errors.js';
import type { ObjectLocation } from './s3-url.js';
import { droppable } from './signals.js';

/** How long a probe may take to leave nothing behind once it has failed or was stopped. */
const TIDY_MILLISECONDS = 30_000;

/** Two objects of a store's own trial, and what it was found to lack. */
export class StoreProbe {
  readonly prefix: string;
  readonly source: ObjectLocation;
  readonly target: ObjectLocation;
  /** Uploads that were begun. */
  readonly uploads: MultipartUpload[] = [];
  /** What a run needs, as phrases behind "it". */
  readonly lacks: string[] = [];
  /** What a run does without, in sentences. */
  readonly doesWithout: string[] = [];

  constructor(
    readonly store: ObjectStore,
    readonly bucket: string,
    prefix: string,
    readonly signal: AbortSignal | undefined,
  ) {
    this.prefix = `${prefix}check-${randomUUID()}/`;
    this.source = { bucket, key: `${this.prefix}source` };
    this.target = { bucket, key: `${this.prefix}target` };
  }

  /** Some stores would make a bucket for the first object that is written to it. @throws BucketError */
  async findBucket(): Promise<void> {
    const command = new HeadBucketCommand({ Bucket: this.bucket });
    const found = await this.need('s3:ListBucket', 'tells nothing of a bucket', () =>
      droppable(this.signal, (options) => this.store.client.send(command, options)).catch((error: unknown) => {
        if (isNotFound(error)) throw this.noBucket();
        throw error;
      }),
    );
    if (!found) throw new StoreLacksError(this.lacks);
  }

  /**
   * Makes a request that a run cannot do without.
   *
   * @param permission what a policy must allow for it
   * @param lack what a store that refuses it lacks
   * @returns nothing where the store refuses it, which is noted then
   * @throws BucketError if it is not permitted; whatever else may pass
   */
  async need<R>(permission: string, lack: string, request: () => Promise<R>): Promise<R | undefined> {
    try {
      return await request();
    } catch (error) {
      const described = describeS3Error(error);
      if (described?.access === true) throw this.denied(error, described, permission);
      if (!described || !isRefused(error)) throw error;
      this.lacks.push(`${lack} (${described.message})`);
      return undefined;
    }
  }

  /** Makes a write whose condition does not hold. @returns whether the store refused it for that; where not, that is noted */
  async mustRefuse(operation: string, write: () => Promise<unknown>): Promise<boolean> {
    const outcome = await this.need('s3:PutObject', `does no ${operation}`, async () => {
      try {
        await write();
        return 'written';
      } catch (error) {
        // Some stores drop an upload whose completion they refused.
        if (isPreconditionFailed(error) || isNoSuchUpload(error)) return 'refused';
        throw error;
      }
    });
    if (outcome === 'written') this.lacks.push(`writes although the condition of ${operation} does not hold`);
    return outcome === 'refused';
  }

  /** Deletes and gives up all that may be there, as far as the store lets it: for a probe that ended before its end. */
  async tidyUp(): Promise<void> {
    const signal = AbortSignal.timeout(TIDY_MILLISECONDS);
    const found = await findUploads(this.store, this.bucket, this.prefix, signal).catch(() => []);
    await Promise.allSettled([
      ...[...this.uploads, ...found].map((upload) => abortUpload(this.store, upload, signal)),
      deleteObjects(this.store, this.bucket, [this.source.key, this.target.key], signal),
    ]);
  }

  private noBucket(): BucketError {
    return new BucketError('NoSuchBucket', `the bucket ${this.bucket} does not exist`);
  }

  private denied(error: unknown, { code, message, httpStatus }: S3ErrorDescription, permission: string): unknown {
    if (error instanceof BucketError) return error;
    if (code === 'NoSuchBucket') return this.noBucket();
    if (httpStatus !== 401 && httpStatus !== 403) return error;
    return new BucketError(
      'AccessDenied',
      `the bucket ${this.bucket} refuses the worker's credentials: see that they are right and that the policy allows ` +
        `${permission} (${message})`,
    );
  }
}
