import { readFile } from 'node:fs/promises';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';

const DAY = 86_400_000;

interface Rule {
  readonly Filter: { readonly Prefix: string };
  readonly AbortIncompleteMultipartUpload?: { readonly DaysAfterInitiation: number };
  readonly Expiration?: { readonly Days: number };
}

/**
 * The lifecycle rules that are shipped, on a clock of the test's own: what S3 itself would say of the age of an object is true
 * of the machine's clock only. `out/` stands for the prefix `exports/` of the file.
 */
export class Lifecycle {
  /** When each object and upload, in this state, was first seen. */
  private readonly seen = new Map<string, number>();
  readonly deleted: string[] = [];

  private constructor(
    private readonly rules: readonly Rule[],
    private readonly s3: S3Client,
    private readonly bucket: string,
  ) {}

  static async read(s3: S3Client, bucket: string): Promise<Lifecycle> {
    const file = new URL('../../deploy/s3/lifecycle.json', import.meta.url);
    const text = (await readFile(file, 'utf8')).replaceAll('"exports/', '"out/');
    return new Lifecycle((JSON.parse(text) as { Rules: Rule[] }).Rules, s3, bucket);
  }

  /** What S3 does once a day: objects and uploads that are as old as a rule says are deleted. */
  async apply(now: number): Promise<void> {
    const bucket = { Bucket: this.bucket };
    const { Contents = [] } = await this.s3.send(new ListObjectsV2Command(bucket));
    for (const { Key = '', ETag = '', LastModified } of Contents) {
      const days = this.daysOf(`${Key} ${ETag} ${LastModified?.getTime() ?? 0}`, now);
      if (!this.meets(Key, days, ({ Expiration }) => Expiration?.Days)) continue;
      this.deleted.push(Key);
      await this.s3.send(new DeleteObjectCommand({ ...bucket, Key }));
    }
    const { Uploads = [] } = await this.s3.send(new ListMultipartUploadsCommand(bucket));
    for (const { Key = '', UploadId = '' } of Uploads) {
      const days = this.daysOf(UploadId, now);
      if (!this.meets(Key, days, (rule) => rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation)) continue;
      this.deleted.push(Key);
      await this.s3.send(new AbortMultipartUploadCommand({ ...bucket, Key, UploadId }));
    }
  }

  private daysOf(what: string, now: number): number {
    const since = this.seen.get(what) ?? now;
    this.seen.set(what, since);
    return (now - since) / DAY;
  }

  private meets(key: string, days: number, limitOf: (rule: Rule) => number | undefined): boolean {
    return this.rules.some((rule) => key.startsWith(rule.Filter.Prefix) && days >= (limitOf(rule) ?? Infinity));
  }
}
