import { describe, expect, it } from '@jest/globals';
import { ConfigError, readConfig, readMarketoConfig, readStorageConfig } from '../../src/config.js';

const MARKETO = {
  MARKETO_ENDPOINT: 'https://123-ABC-456.mktorest.com',
  MARKETO_CLIENT_ID: 'the-client-id',
  MARKETO_CLIENT_SECRET: 'the-client-secret',
};
const COMPLETE = { ...MARKETO, AWS_REGION: 'eu-central-1' };

function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('readConfig', () => {
  it('needs no more than an instance and a region', () => {
    expect(readConfig(COMPLETE)).toEqual({
      marketo: {
        endpoint: 'https://123-abc-456.mktorest.com',
        clientId: 'the-client-id',
        clientSecret: 'the-client-secret',
      },
      s3: { region: 'eu-central-1', forcePathStyle: false },
      taskQueue: 'marketo-lead-extract',
    });
  });

  it('reads all that can be set', () => {
    const environment = {
      ...COMPLETE,
      AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:8333',
      S3_FORCE_PATH_STYLE: '1',
      S3_SSE: 'aws:kms',
      S3_SSE_KMS_KEY_ID: 'key',
      TEMPORAL_TASK_QUEUE: 'queue',
      METRICS_ADDRESS: '0.0.0.0:9464',
      TEMPORAL_DEPLOYMENT_NAME: 'extract',
      TEMPORAL_WORKER_BUILD_ID: '1.0',
    };
    expect(readConfig(environment)).toMatchObject({
      s3: { forcePathStyle: true, sse: 'aws:kms', sseKmsKeyId: 'key' },
      taskQueue: 'queue',
      metricsAddress: '0.0.0.0:9464',
      deployment: { name: 'extract', buildId: '1.0' },
    });
  });

  it('names all that is missing or wrong at once, of every part', () => {
    const problems = problemsOf(() =>
      readConfig({
        MARKETO_ENDPOINT: 'http://marketo.example.com',
        S3_FORCE_PATH_STYLE: 'yes',
        S3_SSE_KMS_KEY_ID: 'key',
        METRICS_ADDRESS: 'everywhere',
        TEMPORAL_WORKER_BUILD_ID: '1.0',
      }),
    );
    for (const name of [
      'MARKETO_ENDPOINT',
      'MARKETO_CLIENT_ID',
      'MARKETO_CLIENT_SECRET',
      'AWS_REGION',
      'S3_FORCE_PATH_STYLE',
      'S3_SSE_KMS_KEY_ID',
      'METRICS_ADDRESS',
      'TEMPORAL_DEPLOYMENT_NAME',
    ]) {
      expect(problems.filter((problem) => problem.startsWith(name))).toHaveLength(1);
    }
    expect(problems).toHaveLength(8);
  });

  it('says so in a message with a line for each', () => {
    expect(() => readConfig(MARKETO)).toThrow(/^Settings are missing or wrong:\n {2}AWS_REGION is missing/);
  });

  it('takes a variable that is set but empty for missing', () => {
    expect(problemsOf(() => readConfig({ ...COMPLETE, MARKETO_CLIENT_SECRET: '' }))).toEqual([
      expect.stringMatching(/^MARKETO_CLIENT_SECRET is missing/),
    ]);
    expect(readConfig({ ...COMPLETE, S3_SSE: '', TEMPORAL_TASK_QUEUE: '' }).taskQueue).toBe('marketo-lead-extract');
  });

  it('names a proxy that cannot be used once, without its password', () => {
    const problems = problemsOf(() => readConfig({ ...COMPLETE, HTTPS_PROXY: 'socks5://me:s3cret@proxy' }));
    expect(problems).toEqual([expect.stringMatching(/^HTTPS_PROXY is not the URL of a proxy/)]);
    expect(problems.join()).not.toContain('s3cret');
  });

  it('shows no secret', () => {
    const environment = { ...COMPLETE, MARKETO_ENDPOINT: 'no url', AWS_SECRET_ACCESS_KEY: 'the-aws-secret' };
    const text = problemsOf(() => readConfig(environment)).join();
    expect(text).not.toMatch(/the-client-secret|the-aws-secret/);
  });
});

describe('the endpoint', () => {
  const endpointOf = (MARKETO_ENDPOINT: string, more: Record<string, string> = {}): string =>
    readMarketoConfig({ ...MARKETO, MARKETO_ENDPOINT, ...more }).endpoint;

  it.each([
    'https://123-ABC-456.mktorest.com',
    'https://123-ABC-456.mktorest.com/',
    'https://123-ABC-456.mktorest.com/rest',
    'https://123-ABC-456.mktorest.com/rest/',
  ])('is the host alone, however Marketo shows it: %s', (endpoint) => {
    expect(endpointOf(endpoint)).toBe('https://123-abc-456.mktorest.com');
  });

  it.each(['http://127.0.0.1:8080', 'http://localhost:3000', 'http://[::1]:80', 'http://127.1.2.3'])(
    'may be plain http on loopback: %s',
    (endpoint) => {
      expect(endpointOf(endpoint)).toBe(new URL(endpoint).origin);
    },
  );

  it('may be plain http elsewhere only where that is allowed', () => {
    for (const allowed of ['true', '1']) {
      expect(endpointOf('http://simulator:3000', { MARKETO_ALLOW_HTTP: allowed })).toBe('http://simulator:3000');
    }
    for (const forbidden of ['false', '0', '']) {
      expect(problemsOf(() => endpointOf('http://simulator:3000', { MARKETO_ALLOW_HTTP: forbidden }))).toEqual([
        expect.stringMatching(/^MARKETO_ENDPOINT is plain http/),
      ]);
    }
  });

  it.each(['http://127.0.0.1.example.com', 'http://localhost.example.com', 'http://10.0.0.1', 'http://simulator'])(
    'is refused in plain http where it only looks like loopback: %s',
    (endpoint) => {
      expect(problemsOf(() => endpointOf(endpoint))).toEqual([
        expect.stringMatching(/^MARKETO_ENDPOINT is plain http/),
      ]);
    },
  );

  it.each([
    '123-ABC-456.mktorest.com',
    'ftp://123-ABC-456.mktorest.com',
    'https://123-ABC-456.mktorest.com/identity',
    'https://123-ABC-456.mktorest.com/rest/v1',
    'https://123-ABC-456.mktorest.com/?a=b',
    'https://user:password@123-ABC-456.mktorest.com',
    'https://123-ABC-456.mktorest.com/#rest',
  ])('is refused where it is something else: %s', (endpoint) => {
    expect(problemsOf(() => endpointOf(endpoint))).toHaveLength(1);
  });
});

describe('the storage', () => {
  it.each([{ AWS_REGION: 'r' }, { AWS_DEFAULT_REGION: 'r' }, { AWS_PROFILE: 'p' }, { AWS_CONFIG_FILE: 'f' }])(
    'takes its region from %j',
    (environment) => {
      const { region } = readStorageConfig(environment);
      expect(region).toBe(Object.keys(environment)[0]?.endsWith('REGION') === true ? 'r' : undefined);
    },
  );

  it('goes by AWS_REGION before AWS_DEFAULT_REGION', () => {
    expect(readStorageConfig({ AWS_REGION: 'a', AWS_DEFAULT_REGION: 'b' }).region).toBe('a');
  });

  it.each([
    { AWS_ENDPOINT_URL_S3: '127.0.0.1:8333' },
    { AWS_ENDPOINT_URL_S3: 'ftp://storage' },
    { S3_SSE: 'aes' },
    { S3_SSE: 'AES256', S3_SSE_KMS_KEY_ID: 'key' },
    { S3_FORCE_PATH_STYLE: 'maybe' },
  ])('refuses %j', (environment) => {
    expect(problemsOf(() => readStorageConfig({ AWS_REGION: 'r', ...environment }))).toHaveLength(1);
  });

  it.each([
    ['true', true],
    ['1', true],
    ['false', false],
    ['0', false],
  ])('reads a flag of %s', (text, forcePathStyle) => {
    expect(readStorageConfig({ AWS_REGION: 'r', S3_FORCE_PATH_STYLE: text })).toEqual({ region: 'r', forcePathStyle });
  });
});
