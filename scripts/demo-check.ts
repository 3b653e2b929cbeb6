import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Manifest } from '../src/contract/result.js';
import { outputNames } from '../src/parts/output-names.js';

/** Characters of a line that are shown. */
const LINE_LENGTH = 110;

/** What was found in the output. */
export interface Check {
  readonly manifest: Manifest;
  /** First lines of the output, as long as a terminal is wide. */
  readonly head: readonly string[];
  /** How the output differs from what the instance holds; none when all is right. */
  readonly problems: readonly string[];
}

/**
 * Compares an output with what the simulated instance says that a right extract must be, byte for byte. The simulator
 * shares no code with the extract.
 */
export async function checkOutput(
  s3: { readonly env: Readonly<Record<string, string>>; readonly bucket: string },
  key: string,
  simulatorUrl: string,
): Promise<Check> {
  const client = new S3Client({
    endpoint: s3.env['AWS_ENDPOINT_URL_S3'] ?? '',
    region: s3.env['AWS_REGION'] ?? '',
    credentials: {
      accessKeyId: s3.env['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: s3.env['AWS_SECRET_ACCESS_KEY'] ?? '',
    },
    forcePathStyle: true,
  });
  try {
    const manifest = JSON.parse(
      (await body(client, s3.bucket, outputNames(`s3://${s3.bucket}/${key}`).manifest.key)).toString(),
    ) as Manifest;
    const output = await body(client, s3.bucket, key);
    const range = new URLSearchParams({ startAt: manifest.startAt, endAt: manifest.endAt });
    const ids = (await download(`${simulatorUrl}/simulator/ids?${range.toString()}`)).toString().trim().split('\n');
    range.set('fields', manifest.columns.map(({ name }) => name).join(','));
    const expected = await download(`${simulatorUrl}/simulator/expected?${range.toString()}`);
    const problems = [
      ...(ids.length === manifest.leads
        ? []
        : [`the instance holds ${ids.length} leads, the output ${manifest.leads}`]),
      ...(sha256(output) === sha256(expected)
        ? []
        : [`the output differs from what the instance holds, first at byte ${firstDifference(output, expected)}`]),
    ];
    return { manifest, head: firstLines(output), problems };
  } finally {
    client.destroy();
  }
}

async function body(client: S3Client, bucket: string, key: string): Promise<Buffer> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  if (!(Body instanceof Readable)) throw new Error(`s3://${bucket}/${key} has no body`);
  return Buffer.concat((await Body.toArray()) as Buffer[]);
}

async function download(url: string): Promise<Buffer> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return Buffer.from(await response.arrayBuffer());
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function firstDifference(a: Buffer, b: Buffer): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) if (a[index] !== b[index]) return index;
  return length;
}

function firstLines(output: Buffer): string[] {
  return (
    output
      .subarray(0, 10_000)
      .toString()
      .split('\n')
      .slice(0, 5)
      // What a terminal would act on, such as a carriage return, is shown as a space.
      .map((line) => line.replace(/\p{Cc}/gu, ' '))
      .map((line) => (line.length > LINE_LENGTH ? `${line.slice(0, LINE_LENGTH - 1)}…` : line))
  );
}
