import { inspect } from 'node:util';
import { expect } from '@jest/globals';
import { MarketoError } from '../../../src/marketo/marketo-errors.js';
import { CREDENTIALS, OTHER_TOKEN, TOKEN } from './scripted-marketo.js';

const SECRETS = [CREDENTIALS.clientSecret, encodeURIComponent(CREDENTIALS.clientSecret), TOKEN, OTHER_TOKEN];

/** Whatever way an error is written down, no secret or token shows. */
export function expectNoSecrets(error: unknown): void {
  const written = [inspect(error, { depth: 10, showHidden: true }), JSON.stringify(error), String(error)];
  for (let link = error; link instanceof Error; link = link.cause) written.push(String(link.stack), link.message);
  for (const secret of SECRETS) expect(written.join('\n')).not.toContain(secret);
}

/** The error that a promise rejects with, after a look for secrets in it. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  const error = await promise.then(
    () => {
      throw new Error('It did not fail');
    },
    (reason: unknown) => reason,
  );
  expectNoSecrets(error);
  return error;
}

/** As {@link failureOf}, of an error of Marketo. */
export async function marketoFailureOf(promise: Promise<unknown>): Promise<MarketoError> {
  const error = await failureOf(promise);
  expect(error).toBeInstanceOf(MarketoError);
  return error as MarketoError;
}
