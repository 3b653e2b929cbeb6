import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  HeadBucketCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { toolPath } from '../tools.js';
import { isolatedEnvironment } from './child.js';
import { onFreePorts } from './ports.js';
import { startServer, type Server } from './server.js';

/** SeaweedFS as S3; `env` holds what the AWS SDK reads, and `S3_FORCE_PATH_STYLE`. */
export interface S3Server extends Server {
  readonly url: string;
  /** A bucket that is there. */
  readonly bucket: string;
}

const CREDENTIALS = { accessKeyId: 'embedded', secretAccessKey: 'embedded-secret' };
const IDENTITIES = {
  identities: [
    {
      name: 'embedded',
      credentials: [{ accessKey: CREDENTIALS.accessKeyId, secretKey: CREDENTIALS.secretAccessKey }],
      actions: ['Admin', 'Read', 'Write', 'List', 'Tagging'],
    },
  ],
};

/** Starts SeaweedFS with its S3 gateway, credentials and one bucket. Its data outlive a restart. */
export async function startS3(bucket = 'leads'): Promise<S3Server> {
  const binary = toolPath('weed');
  return onFreePorts(2 * ROLES.length, async (ports) => {
    const url = `http://127.0.0.1:${ports[0] ?? 0}`;
    const directory = await mkdtemp(join(tmpdir(), 'seaweed-'));
    const identities = join(directory, 'identities.json');
    await writeFile(identities, JSON.stringify(IDENTITIES));
    const options = {
      name: 'SeaweedFS',
      command: binary,
      args: [
        ...['server', '-s3', `-s3.config=${identities}`, `-dir=${directory}`, '-ip=127.0.0.1', '-ip.bind=127.0.0.1'],
        ...portFlags(ports),
        ...['-s3.port.iceberg=0', '-s3.port.lance=0', '-master.telemetry=false'],
        ...['s3', 'filer'].map((role) => `-${role}.localSocket=${join(directory, `${role}.sock`)}`),
        // A master that is alone need not wait long for the votes of others.
        '-master.electionTimeout=1s',
        // Volumes are files that grow as needed; each bucket has its own.
        ...['-master.volumeSizeLimitMB=1024', '-volume.max=1000'],
      ],
      // One volume file at a time for a bucket: tests make many buckets, and the default is seven each.
      env: isolatedEnvironment({ WEED_MASTER_VOLUME_GROWTH_COPY_1: '1' }),
      isReady: () => stores(url, bucket),
      readySeconds: 60,
      // Its filer waits for ever for its own clients, and what it could still save is removed anyway.
      graceSeconds: 0,
      scratch: [directory, ...sockets(ports)],
    };
    const env = {
      AWS_ENDPOINT_URL_S3: url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      S3_FORCE_PATH_STYLE: 'true',
    };
    return startServer(options, { url, bucket, env });
  });
}

/** Roles in one process. S3 is the one that clients use. */
const ROLES = ['s3', 'master', 'filer', 'volume'] as const;

/** Flags for a port of each role, then for its gRPC port, which would be 10,000 above and may not exist there. */
function portFlags(ports: readonly number[]): string[] {
  const names = [...ROLES.map((role) => `-${role}.port`), ...ROLES.map((role) => `-${role}.port.grpc`)];
  return names.map((name, index) => `${name}=${ports[index] ?? 0}`);
}

/** Sockets that SeaweedFS makes in `/tmp`, whatever it is told, and leaves behind. */
function sockets(ports: readonly number[]): string[] {
  return ROLES.map((role, index) => `/tmp/seaweedfs-${role}-grpc-${ports[ROLES.length + index] ?? 0}.sock`);
}

/** S3 answers before there is anything to store in: only a stored object shows that it is ready. */
async function stores(url: string, bucket: string): Promise<boolean> {
  const client = new S3Client({
    endpoint: url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: CREDENTIALS,
    maxAttempts: 1,
  });
  try {
    await client.send(new HeadBucketCommand({ Bucket: bucket })).catch(async () => {
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
    });
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: '.ready', Body: 'ready' }));
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: '.ready' }));
    return true;
  } finally {
    client.destroy();
  }
}
