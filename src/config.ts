import { z } from 'zod';
import { DEFAULT_TASK_QUEUE } from './contract/names.js';
import { proxyProblems } from './http/proxy-environment.js';

export interface MarketoConfig {
  /** Origin of the instance, such as `https://123-ABC-456.mktorest.com`: no path. */
  readonly endpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What is not left to the AWS SDK, which reads its own variables. */
export interface StorageConfig {
  /** Absent where a profile of the AWS configuration names it. */
  readonly region?: string;
  readonly forcePathStyle: boolean;
  readonly sse?: 'AES256' | 'aws:kms';
  readonly sseKmsKeyId?: string;
}

/** What a worker needs to know beside the connection to Temporal, which reads its own variables. */
export interface WorkerConfig {
  readonly marketo: MarketoConfig;
  readonly s3: StorageConfig;
  readonly taskQueue: string;
  /** Address of the Prometheus endpoint, `ip:port`. */
  readonly metricsAddress?: string;
  /** Address of the health endpoint, `host:port`. */
  readonly healthAddress?: string;
  /** Opt-in worker deployment version (Temporal: Worker Versioning). */
  readonly deployment?: { readonly name: string; readonly buildId: string };
}

/** Every variable that is missing or wrong, one sentence each; values of secrets are never shown. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(`Settings are missing or wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

/** The worker's environment. @throws ConfigError naming all that is missing or wrong, of every part */
export function readConfig(environment: NodeJS.ProcessEnv): WorkerConfig {
  const given = withoutEmpty(environment);
  return valueOf(together(marketo(given), storage(given), worker(given)), ([marketoPart, s3, rest]) => ({
    marketo: marketoPart,
    s3,
    ...rest,
  }));
}

/** Only what concerns Marketo. @throws ConfigError */
export function readMarketoConfig(environment: NodeJS.ProcessEnv): MarketoConfig {
  return valueOf(marketo(withoutEmpty(environment)), (part) => part);
}

/** Only what concerns S3. @throws ConfigError */
export function readStorageConfig(environment: NodeJS.ProcessEnv): StorageConfig {
  return valueOf(storage(withoutEmpty(environment)), (part) => part);
}

type Given = Readonly<Record<string, string | undefined>>;
type Reading<T> = { readonly value: T } | { readonly problems: readonly string[] };

const flag = z
  .enum(['true', 'false', '1', '0'], { error: 'must be true or false' })
  .transform((text) => text === 'true' || text === '1');
const required = (what: string): z.ZodString => z.string({ error: `is missing: ${what}` });

const marketoSchema = z.object({
  MARKETO_ENDPOINT: required('the REST endpoint, such as https://123-ABC-456.mktorest.com (Admin > Web Services)'),
  MARKETO_CLIENT_ID: required('the client id of the custom service (Admin > LaunchPoint)'),
  MARKETO_CLIENT_SECRET: required('the client secret of the custom service (Admin > LaunchPoint)'),
  MARKETO_ALLOW_HTTP: flag.optional(),
});

function marketo(given: Given): Reading<MarketoConfig> {
  const endpoint = given['MARKETO_ENDPOINT'];
  const allowHttp = /^(?:true|1)$/.test(given['MARKETO_ALLOW_HTTP'] ?? '');
  const wrong = endpoint === undefined ? undefined : endpointProblem(endpoint, allowHttp);
  const problems = [...(wrong === undefined ? [] : [`MARKETO_ENDPOINT ${wrong}`]), ...proxyProblems(given)];
  return read(marketoSchema, given, problems, (env) => ({
    endpoint: new URL(env.MARKETO_ENDPOINT).origin,
    clientId: env.MARKETO_CLIENT_ID,
    clientSecret: env.MARKETO_CLIENT_SECRET,
  }));
}

const storageSchema = z.object({
  AWS_ENDPOINT_URL_S3: z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' }).optional(),
  S3_FORCE_PATH_STYLE: flag.optional(),
  S3_SSE: z.enum(['AES256', 'aws:kms'], { error: 'must be AES256 or aws:kms' }).optional(),
  S3_SSE_KMS_KEY_ID: z.string().optional(),
});

function storage(given: Given): Reading<StorageConfig> {
  // The AWS CLI's AWS_DEFAULT_REGION is honoured too, which the SDK for JavaScript does not read.
  const region = given['AWS_REGION'] ?? given['AWS_DEFAULT_REGION'];
  const problems = proxyProblems(given);
  if (region === undefined && given['AWS_PROFILE'] === undefined && given['AWS_CONFIG_FILE'] === undefined) {
    problems.push('AWS_REGION is missing: the region of the bucket, such as us-east-1');
  }
  if (given['S3_SSE_KMS_KEY_ID'] !== undefined && given['S3_SSE'] !== 'aws:kms') {
    problems.push('S3_SSE_KMS_KEY_ID goes with S3_SSE=aws:kms');
  }
  return read(storageSchema, given, problems, (env) => ({
    ...(region !== undefined && { region }),
    forcePathStyle: env.S3_FORCE_PATH_STYLE ?? false,
    ...(env.S3_SSE && { sse: env.S3_SSE }),
    ...(env.S3_SSE_KMS_KEY_ID !== undefined && { sseKmsKeyId: env.S3_SSE_KMS_KEY_ID }),
  }));
}

const otlpProtocol = z
  .literal('http/protobuf', { error: 'must be http/protobuf: traces are sent in no other way' })
  .optional();

const workerSchema = z.object({
  TEMPORAL_TASK_QUEUE: z.string().optional(),
  METRICS_ADDRESS: z
    .string()
    .regex(
      /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[\da-f:]+\]):\d{1,5}$/i,
      'must be an IP address and a port, such as 0.0.0.0:9464',
    )
    .optional(),
  HEALTH_ADDRESS: z
    .string()
    .regex(/^(?:[\w.-]+|\[[\da-f:]+\]):\d{1,5}$/i, 'must be host:port, such as 0.0.0.0:8080')
    .optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: otlpProtocol,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: otlpProtocol,
  TEMPORAL_DEPLOYMENT_NAME: z.string().optional(),
  TEMPORAL_WORKER_BUILD_ID: z.string().optional(),
});

function worker(given: Given): Reading<Omit<WorkerConfig, 'marketo' | 's3'>> {
  const { TEMPORAL_DEPLOYMENT_NAME: name, TEMPORAL_WORKER_BUILD_ID: buildId } = given;
  const half = (name === undefined) !== (buildId === undefined);
  const problems = half ? ['TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID go together'] : [];
  return read(workerSchema, given, problems, (env) => ({
    taskQueue: env.TEMPORAL_TASK_QUEUE ?? DEFAULT_TASK_QUEUE,
    ...(env.METRICS_ADDRESS !== undefined && { metricsAddress: env.METRICS_ADDRESS }),
    ...(env.HEALTH_ADDRESS !== undefined && { healthAddress: env.HEALTH_ADDRESS }),
    ...(name !== undefined && buildId !== undefined && { deployment: { name, buildId } }),
  }));
}

/** Checks single variables by a schema; rules across variables are checked even where a single one is wrong. */
function read<S extends z.ZodType, T>(
  schema: S,
  given: Given,
  problems: readonly string[],
  make: (env: z.output<S>) => T,
): Reading<T> {
  const parsed = schema.safeParse(given);
  const wrong = parsed.error?.issues.map(({ path, message }) => `${String(path[0])} ${message}`) ?? [];
  if (!parsed.success || problems.length > 0) return { problems: [...wrong, ...problems] };
  return { value: make(parsed.data) };
}

function together<A, B, C>(a: Reading<A>, b: Reading<B>, c: Reading<C>): Reading<[A, B, C]> {
  if ('value' in a && 'value' in b && 'value' in c) return { value: [a.value, b.value, c.value] };
  const problems = [a, b, c].flatMap((part) => ('problems' in part ? part.problems : []));
  // A wrong proxy is one for Marketo and for S3.
  return { problems: [...new Set(problems)] };
}

function valueOf<T, R>(reading: Reading<T>, use: (value: T) => R): R {
  if ('problems' in reading) throw new ConfigError(reading.problems);
  return use(reading.value);
}

/** A variable that is set but empty counts as missing, as a shell's `VAR=` means it. */
function withoutEmpty(environment: NodeJS.ProcessEnv): Given {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
}

/** What is wrong with an endpoint: plain http would send the client secret and every lead in clear. */
function endpointProblem(endpoint: string, allowHttp: boolean): string | undefined {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return 'must be a URL such as https://123-ABC-456.mktorest.com';
  }
  if (!/^\/?(?:rest\/?)?$/.test(url.pathname) || url.search + url.hash + url.username !== '') {
    return 'must be the host alone, with or without /rest: https://123-ABC-456.mktorest.com';
  }
  const loopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'http:' && !loopback && !allowHttp) {
    return 'is plain http, which is refused but for loopback; use https, or set MARKETO_ALLOW_HTTP=true on a network you trust';
  }
  return undefined;
}
