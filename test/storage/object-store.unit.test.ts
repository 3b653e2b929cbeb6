import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { deleteObjects } from '../../src/storage/delete-objects.js';
import { createUpload, uploadPart } from '../../src/storage/multipart-upload.js';
import { getBytes, headObject, putBytes } from '../../src/storage/objects.js';
import { BucketError, describeS3Error, S3AnswerError } from '../../src/storage/s3-errors.js';
import { errorXml, failureOf, scriptedS3, type ScriptedS3 } from './scripted-s3.js';

const location = { bucket: 'leads', key: 'k' };

let s3: ScriptedS3;

afterEach(() => s3.stop());

/** Lets the store answer every request so. */
async function answering(status: number, body = '', headers: Record<string, string> = {}): Promise<ScriptedS3> {
  s3 = await scriptedS3((_request, response: ServerResponse) => {
    response.writeHead(status, headers).end(body);
  });
  return s3;
}

describe('a bucket of another region', () => {
  const elsewhere = { 'x-amz-bucket-region': 'eu-west-1' };
  const message = 'the bucket leads is in eu-west-1: set AWS_REGION=eu-west-1';

  it.each([301, 400])('is named where HEAD is answered with %d and no body', async (status) => {
    const { store } = await answering(status, '', elsewhere);
    const failure = await failureOf(headObject(store, location));
    expect(failure).toBeInstanceOf(BucketError);
    expect(describeS3Error(failure)).toEqual({ code: 'WrongRegion', retryable: false, access: true, message });
  });

  it.each<[number, string, Record<string, string>]>([
    [301, errorXml('PermanentRedirect', '<Endpoint>leads.s3.eu-west-1.amazonaws.com</Endpoint>'), elsewhere],
    [400, errorXml('AuthorizationHeaderMalformed', '<Region>eu-west-1</Region>'), {}],
  ])('is named where S3 answers with %d and %s', async (status, body, headers) => {
    const { store } = await answering(status, body, headers);
    expect(describeS3Error(await failureOf(getBytes(store, location)))?.message).toBe(message);
  });

  it('is not seen where a request of the right region is refused', async () => {
    const { store } = await answering(400, errorXml('InvalidArgument'), { 'x-amz-bucket-region': 'us-east-1' });
    expect(describeS3Error(await failureOf(getBytes(store, location)))?.code).toBe('InvalidArgument');
  });

  it('is a matter of access where S3 does not say which', async () => {
    const { store } = await answering(301, errorXml('PermanentRedirect'));
    expect(describeS3Error(await failureOf(getBytes(store, location)))).toMatchObject({ access: true });
  });
});

describe("an answer that is not S3's", () => {
  it.each([
    [200, true, false],
    [404, true, false],
    [407, false, true],
    [502, true, false],
  ])('is told for what it is: HTTP %d', async (status, retryable, access) => {
    const { store } = await answering(status, '<html><body>Sign in<br></body></html>');
    const failure = await failureOf(createUpload(store, location));
    expect(failure).toBeInstanceOf(S3AnswerError);
    expect(describeS3Error(failure)).toEqual({
      code: 'BadAnswer',
      httpStatus: status,
      retryable,
      access,
      message: `the answer to CreateMultipartUpload is none of S3 (HTTP ${status}): see the endpoint and what lies before it`,
    });
  });

  it('may lack what it must have', async () => {
    const { store } = await answering(200);
    expect(String(await failureOf(createUpload(store, location)))).toContain('without an upload id for k');
    expect(String(await failureOf(putBytes(store, location, Buffer.from('x'))))).toContain('without an ETag for k');
    expect(String(await failureOf(headObject(store, location)))).toContain('without an ETag for k');
    const part = uploadPart(store, { ...location, uploadId: 'u' }, 1, Buffer.from('x'), 0);
    expect(describeS3Error(await failureOf(part))).toMatchObject({ code: 'BadAnswer', retryable: true });
  });
});

describe('deleteObjects', () => {
  const keys = ['a', 'b c', 'd'];

  /** A store that answers a batch so, and deletes one by one. */
  async function refusing(status: number, code: string): Promise<ScriptedS3> {
    s3 = await scriptedS3(({ method }, response) => {
      if (method === 'POST') response.writeHead(status).end(errorXml(code));
      else response.writeHead(204).end();
    });
    return s3;
  }

  it.each([
    [400, 'MissingContentMD5'],
    [400, 'InvalidRequest'],
    [400, 'MalformedXML'],
    [405, 'MethodNotAllowed'],
    [501, 'NotImplemented'],
  ])('deletes one by one where the store answers a batch with %d %s, and does not ask again', async (status, code) => {
    const { store, requests } = await refusing(status, code);
    await deleteObjects(store, 'leads', keys);
    await deleteObjects(store, 'leads', ['e']);
    expect(requests.map((request) => request.replace('?x-id=DeleteObject', '')).sort()).toEqual([
      'DELETE /leads/a',
      'DELETE /leads/b%20c',
      'DELETE /leads/d',
      'DELETE /leads/e',
      'POST /leads/?delete=',
    ]);
  });

  it('does not try one by one what is not permitted', async () => {
    const { store, requests } = await refusing(403, 'AccessDenied');
    expect(describeS3Error(await failureOf(deleteObjects(store, 'leads', keys)))?.access).toBe(true);
    expect(requests).toHaveLength(1);
  });

  it('fails where a single delete fails too', async () => {
    const { store } = await answering(501, errorXml('NotImplemented'));
    expect(describeS3Error(await failureOf(deleteObjects(store, 'leads', keys)))?.code).toBe('NotImplemented');
  });
});
