import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Connection, Client } from '@temporalio/client';
import { describe, expect, it } from '@jest/globals';
import { startS3 } from '../../scripts/servers/s3.js';
import { startTemporal } from '../../scripts/servers/temporal.js';
import { readObject } from '../helpers/s3.js';

describe('startS3', () => {
  it('is a server of its own whose objects are there after a crash and a restart', async () => {
    const server = await startS3('own-bucket');
    try {
      expect(server.url).not.toBe(process.env['AWS_ENDPOINT_URL_S3']);
      const client = new S3Client({
        endpoint: server.url,
        forcePathStyle: true,
        region: 'us-east-1',
        credentials: {
          accessKeyId: server.env['AWS_ACCESS_KEY_ID'] ?? '',
          secretAccessKey: server.env['AWS_SECRET_ACCESS_KEY'] ?? '',
        },
      });
      await client.send(new PutObjectCommand({ Bucket: server.bucket, Key: 'key', Body: 'kept' }));
      const pid = server.pid;
      await server.kill();
      await server.restart();
      expect(server.pid).not.toBe(pid);
      expect((await readObject(client, server.bucket, 'key')).toString()).toBe('kept');
      client.destroy();
    } finally {
      await server.stop();
    }
  });
});

describe('startTemporal', () => {
  it('is a server of its own whose workflows are there after a crash and a restart', async () => {
    const server = await startTemporal();
    try {
      expect(server.address).not.toBe(process.env['TEMPORAL_ADDRESS']);
      const connection = await Connection.connect({ address: server.address });
      const client = new Client({ connection });
      await client.workflow.start('anything', { workflowId: 'kept', taskQueue: 'nobody-polls' });
      await server.kill();
      await server.restart();
      const description = await client.workflow.getHandle('kept').describe();
      expect(description.status.name).toBe('RUNNING');
      await connection.close();
    } finally {
      await server.stop();
    }
  });
});
