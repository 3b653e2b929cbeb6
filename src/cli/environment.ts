import {
  ConfigError,
  readMarketoConfig,
  readStorageConfig,
  type MarketoConfig,
  type StorageConfig,
} from '../config.js';
import { describeS3Error } from '../storage/s3-errors.js';
import { MarketoError, NETWORK } from '../marketo/marketo-errors.js';
import { CommandError } from './exit.js';
import { serverMessage } from './temporal.js';

/** The worker's settings for Marketo. @throws CommandError naming what is missing or wrong */
export function marketoSettings(environment: NodeJS.ProcessEnv): MarketoConfig {
  return settings(() => readMarketoConfig(environment));
}

/** The worker's settings for S3. @throws CommandError naming what is missing or wrong */
export function storageSettings(environment: NodeJS.ProcessEnv): StorageConfig {
  return settings(() => readStorageConfig(environment));
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

function settings<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ConfigError) throw new CommandError(error.message);
    throw error;
  }
}
