import { ConfigError, readConfig, type WorkerConfig } from '../config.js';
import { describeS3Error } from '../storage/errors.js';
import { MarketoError, NETWORK } from '../marketo/errors.js';
import { CommandError } from './exit.js';
import { serverMessage } from './temporal.js';

/** Stands in for what a command does not use: a command that only reaches S3 asks for nothing of Marketo's, and so on. */
const UNUSED = {
  marketo: { MARKETO_ENDPOINT: 'https://unused.invalid', MARKETO_CLIENT_ID: '-', MARKETO_CLIENT_SECRET: '-' },
  s3: { AWS_REGION: 'unused', AWS_ENDPOINT_URL_S3: '', S3_SSE: '', S3_SSE_KMS_KEY_ID: '' },
} as const;

/** The worker's settings for Marketo. @throws CommandError naming what is missing or wrong */
export function readMarketoConfig(environment: NodeJS.ProcessEnv): WorkerConfig['marketo'] {
  return read({ ...environment, ...UNUSED.s3 }).marketo;
}

/** The worker's settings for S3. @throws CommandError naming what is missing or wrong */
export function readStorageConfig(environment: NodeJS.ProcessEnv): WorkerConfig['s3'] {
  return read({ ...environment, ...UNUSED.marketo }).s3;
}

/** An error of Marketo, S3 or a command as a sentence for people. */
export function explain(error: unknown): string {
  if (error instanceof MarketoError && error.code === NETWORK) {
    return `${error.message} See that MARKETO_ENDPOINT is right and can be reached from here.`;
  }
  if (error instanceof MarketoError || error instanceof CommandError) return error.message;
  const s3 = describeS3Error(error);
  return s3 ? `S3 refuses or fails: ${s3.message}` : serverMessage(error);
}

function read(environment: NodeJS.ProcessEnv): WorkerConfig {
  try {
    return readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) throw new CommandError(error.message);
    throw error;
  }
}
