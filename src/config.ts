import { z } from 'zod';
import { DEFAULT_TASK_QUEUE } from './contract/names.js';

/** What a worker needs to know beside the connections to Temporal and S3, which read their own standard variables. */
export interface WorkerConfig {
  readonly marketo: {
    /** Origin of the instance, such as `https://123-ABC-456.mktorest.com`: no path. */
    readonly endpoint: string;
    readonly clientId: string;
    readonly clientSecret: string;
  };
  readonly s3: {
    /** Absent where a profile of the AWS configuration names it. */
    readonly region?: string;
    readonly forcePathStyle: boolean;
    readonly sse?: 'AES256' | 'aws:kms';
    readonly sseKmsKeyId?: string;
  };
  readonly taskQueue: string;
  /** Address of the Prometheus endpoint, `host:port`. */
  readonly metricsAddress?: string;
  /** Opt-in worker deployment version (Temporal: Worker Versioning). */
  readonly deployment?: { readonly name: string; readonly buildId: string };
}

/** Every variable that is missing or wrong, one sentence each; values of secrets are never shown. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(`The environment is not complete:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

const flag = z
  .enum(['true', 'false', '1', '0'], { error: 'must be true or false' })
  .transform((text) => text === 'true' || text === '1');
const required = (what: string): z.ZodString =>
  z.string({ error: `is missing: ${what}` }).min(1, `is missing: ${what}`);

const schema = z.object({
  MARKETO_ENDPOINT: required('the REST endpoint, such as https://123-ABC-456.mktorest.com (Admin > Web Services)'),
  MARKETO_CLIENT_ID: required('the client id of the custom service (Admin > LaunchPoint)'),
  MARKETO_CLIENT_SECRET: required('the client secret of the custom service (Admin > LaunchPoint)'),
  MARKETO_ALLOW_HTTP: flag.optional(),
  AWS_ENDPOINT_URL_S3: z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' }).optional(),
  S3_FORCE_PATH_STYLE: flag.optional(),
  S3_SSE: z.enum(['AES256', 'aws:kms'], { error: 'must be AES256 or aws:kms' }).optional(),
  S3_SSE_KMS_KEY_ID: z.string().optional(),
  TEMPORAL_TASK_QUEUE: z.string().optional(),
  METRICS_ADDRESS: z
    .string()
    .regex(/^.+:\d{1,5}$/, 'must be host:port, such as 0.0.0.0:9464')
    .optional(),
  TEMPORAL_DEPLOYMENT_NAME: z.string().optional(),
  TEMPORAL_WORKER_BUILD_ID: z.string().optional(),
});

/**
 * Reads the worker's environment. Variables that are set but empty count as missing, as a shell's `VAR=` means it.
 *
 * @throws ConfigError naming all that is missing or wrong
 */
export function readConfig(environment: NodeJS.ProcessEnv): WorkerConfig {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  const wrong = parsed.error?.issues.map(({ path, message }) => `${String(path[0])} ${message}`) ?? [];
  const problems = [...wrong, ...acrossVariables(given)];
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  const env = parsed.data;
  const region = regionOf(given);
  return {
    marketo: {
      endpoint: new URL(env.MARKETO_ENDPOINT).origin,
      clientId: env.MARKETO_CLIENT_ID,
      clientSecret: env.MARKETO_CLIENT_SECRET,
    },
    s3: {
      ...(region !== undefined && { region }),
      forcePathStyle: env.S3_FORCE_PATH_STYLE ?? false,
      ...(env.S3_SSE && { sse: env.S3_SSE }),
      ...(env.S3_SSE_KMS_KEY_ID !== undefined && { sseKmsKeyId: env.S3_SSE_KMS_KEY_ID }),
    },
    taskQueue: env.TEMPORAL_TASK_QUEUE ?? DEFAULT_TASK_QUEUE,
    ...(env.METRICS_ADDRESS !== undefined && { metricsAddress: env.METRICS_ADDRESS }),
    ...(env.TEMPORAL_DEPLOYMENT_NAME !== undefined &&
      env.TEMPORAL_WORKER_BUILD_ID !== undefined && {
        deployment: { name: env.TEMPORAL_DEPLOYMENT_NAME, buildId: env.TEMPORAL_WORKER_BUILD_ID },
      }),
  };
}

/** Rules beyond a single variable's form, checked even where another variable is wrong: one start names every mistake. */
function acrossVariables(given: Record<string, string | undefined>): string[] {
  const problems: string[] = [];
  const endpoint = given['MARKETO_ENDPOINT'];
  const endpointIs =
    endpoint === undefined
      ? undefined
      : endpointProblem(endpoint, /^(?:true|1)$/.test(given['MARKETO_ALLOW_HTTP'] ?? ''));
  if (endpointIs !== undefined) problems.push(`MARKETO_ENDPOINT ${endpointIs}`);
  if (regionOf(given) === undefined && given['AWS_PROFILE'] === undefined && given['AWS_CONFIG_FILE'] === undefined) {
    problems.push('AWS_REGION is missing: the region of the bucket, such as us-east-1');
  }
  if (given['S3_SSE_KMS_KEY_ID'] !== undefined && given['S3_SSE'] !== 'aws:kms') {
    problems.push('S3_SSE_KMS_KEY_ID goes with S3_SSE=aws:kms');
  }
  if ((given['TEMPORAL_DEPLOYMENT_NAME'] === undefined) !== (given['TEMPORAL_WORKER_BUILD_ID'] === undefined)) {
    problems.push('TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID go together');
  }
  return problems;
}

/** The AWS CLI's `AWS_DEFAULT_REGION` is honoured too, which the SDK for JavaScript does not read. */
function regionOf(given: Record<string, string | undefined>): string | undefined {
  return given['AWS_REGION'] ?? given['AWS_DEFAULT_REGION'];
}

/** What is wrong with an endpoint: plain http would send the client secret and every lead in clear. */
function endpointProblem(endpoint: string, allowHttp: boolean): string | undefined {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    return 'must be a URL such as https://123-ABC-456.mktorest.com';
  if (!/^\/?(?:rest\/?)?$/.test(url.pathname) || url.search !== '' || url.username !== '') {
    return 'must be the host alone, with or without /rest: https://123-ABC-456.mktorest.com';
  }
  const loopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'http:' && !loopback && !allowHttp) {
    return 'is plain http, which is refused but for loopback; use https, or set MARKETO_ALLOW_HTTP=true on a network you trust';
  }
  return undefined;
}
