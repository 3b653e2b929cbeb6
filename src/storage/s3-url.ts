/** Where an object lies. */
export interface ObjectLocation {
  readonly bucket: string;
  readonly key: string;
}

/** Longest key in bytes of UTF-8 (Amazon S3: Object key names). */
export const MAX_KEY_BYTES = 1024;

/** The text is no `s3://bucket/key`. */
export class InvalidS3UrlError extends Error {
  override readonly name = 'InvalidS3UrlError';
}

/** @throws InvalidS3UrlError */
export function parseS3Url(url: string): ObjectLocation {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(url) ?? [];
  if (bucket === undefined || key === undefined)
    throw new InvalidS3UrlError(`${url} is not of the form s3://bucket/key`);
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw new InvalidS3UrlError(`The key of ${url} is longer than ${MAX_KEY_BYTES} bytes`);
  }
  return { bucket, key };
}

export function formatS3Url({ bucket, key }: ObjectLocation): string {
  return `s3://${bucket}/${key}`;
}
