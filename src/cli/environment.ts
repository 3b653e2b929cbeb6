import {
  ConfigError,
  readMarketoConfig,
  readStorageConfig,
  type MarketoConfig,
  type StorageConfig,
} from '../config.js';
import { troubleOf } from '../observability/trouble.js';
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
  if (error instanceof CommandError) return error.message;
  return troubleOf(error) ?? serverMessage(error);
}

function settings<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ConfigError) throw new CommandError(error.message);
    throw error;
  }
}
