import { afterEach, describe, expect, it } from '@jest/globals';
import { checkCredentials } from '../../src/storage/check-credentials.js';
import { describeS3Error } from '../../src/storage/s3-errors.js';
import { errorXml, failureOf, scriptedS3, type ScriptedS3 } from './scripted-s3.js';

let s3: ScriptedS3 | undefined;

afterEach(async () => {
  await s3?.stop();
  s3 = undefined;
});

async function checkAgainst(status: number, body: string): Promise<unknown> {
  s3 = await scriptedS3((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/xml' }).end(body);
  });
  return failureOf(checkCredentials(s3.store));
}

describe('credentials for S3', () => {
  it('are good where S3 answers, by one request that names no bucket', async () => {
    expect(await checkAgainst(200, '<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>')).toBeUndefined();
    expect(s3?.requests).toEqual(['GET /?max-buckets=1&x-id=ListBuckets']);
  });

  it.each([
    [403, 'AccessDenied'],
    [501, 'NotImplemented'],
    [400, 'InvalidArgument'],
  ])('are good where S3 only does not list buckets for them: %d %s', async (status, code) => {
    expect(await checkAgainst(status, errorXml(code))).toBeUndefined();
  });

  it.each([
    [403, 'InvalidAccessKeyId'],
    [403, 'SignatureDoesNotMatch'],
    [400, 'ExpiredToken'],
  ])('are wrong where S3 answers %d %s', async (status, code) => {
    expect(describeS3Error(await checkAgainst(status, errorXml(code)))).toMatchObject({ code, access: true });
  });

  it('are wrong where the service that gives them for a role denies access', async () => {
    s3 = await scriptedS3(() => undefined);
    s3.store.client.config.credentials = () =>
      Promise.reject(
        Object.assign(new Error('not authorized'), {
          name: 'AccessDenied',
          $fault: 'client',
          $metadata: { httpStatusCode: 403 },
        }),
      );
    expect(describeS3Error(await failureOf(checkCredentials(s3.store)))).toMatchObject({
      access: true,
      message: 'the service that gives AWS credentials refuses: AccessDenied',
    });
    expect(s3.requests).toEqual([]);
  });

  it('cannot be told where the answer is none of S3', async () => {
    expect(describeS3Error(await checkAgainst(403, '<html>Sign in</html>'))).toMatchObject({ access: true });
  });
});
