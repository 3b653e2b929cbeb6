import { MarketoError } from './marketo-errors.js';

/** Told of each call that was answered or failed: `ok`, the code of the error, or `error` where it has none. */
export type OnCall = (endpoint: string, code: string) => void;

/** Makes a call and tells how it ended. */
export async function counted<R>(onCall: OnCall | undefined, endpoint: string, request: () => Promise<R>): Promise<R> {
  try {
    const result = await request();
    onCall?.(endpoint, 'ok');
    return result;
  } catch (error) {
    onCall?.(endpoint, error instanceof MarketoError ? error.code : 'error');
    throw error;
  }
}
