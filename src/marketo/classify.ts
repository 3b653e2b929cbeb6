import { cleanText } from './clean-text.js';
import { MarketoError, type ErrorAction } from './marketo-errors.js';

/** An entry of `errors` in an answer with `success: false`; the code is a string (Adobe: Error Codes). */
export interface AnswerError {
  readonly code: string;
  readonly message: string;
}

/**
 * The error that an answer with `success: false` means: its first entry, with the refused fields of all of them.
 *
 * @param endpoint name of the endpoint, as in {@link MarketoError.endpoint}
 */
export function classifyErrors(
  errors: readonly AnswerError[],
  endpoint: string,
  requestId: string | undefined,
): MarketoError {
  const [first] = errors;
  if (!first) return MarketoError.unexpectedShape(endpoint, 'success is false, without an error', requestId);
  const { code, message } = first;
  const common = { endpoint, requestId, detail: message };
  if (code === '1029') return new MarketoError(code, { ...common, action: meaningOf1029(message, endpoint) });
  if (code === '1003' || code === '1006') {
    const invalidFields = [...new Set(errors.flatMap((error) => fieldsIn(error.message)))];
    if (invalidFields.length > 0) return new MarketoError(code, { ...common, action: 'invalidFields', invalidFields });
  }
  // Some errors of gateways come as codes of a body: 413, 414, 500 and 502 (Adobe: Error Codes).
  return new MarketoError(/^[45]\d\d$/.test(code) ? `HTTP ${code}` : code, common);
}

/**
 * The three meanings of 1029, by its message (Adobe: Bulk Extract): `Export daily quota exceeded`, `Job already queued` and
 * `Too many jobs in queue`, each also seen with a number in it. One that nobody knows backs off like a full queue, and so
 * does "already queued" anywhere but on enqueue, where it would be no success.
 */
function meaningOf1029(message: string, endpoint: string): ErrorAction {
  if (/quota/i.test(message)) return 'waitForExportQuota';
  if (/already/i.test(message) && endpoint === 'enqueue') return 'alreadyQueued';
  return 'queueFull';
}

/** As far as seen, REST names of fields hold nothing else: a sentence that names none is not taken for a list. */
const FIELD_NAME = /^[\w.$-]{1,255}$/;

/**
 * Names in `Invalid fields [a, b]`, also with a colon, without brackets, or cut off; or in `Field 'a' not found`, with
 * quotes of any kind, as Adobe's own pages print it.
 */
function fieldsIn(message: string): string[] {
  const [, bracketed] = /invalid fields?\s{0,9}:?\s{0,9}\[([^\]]*)/i.exec(message) ?? [];
  const [, bare] = /invalid fields?\s{0,9}:([^[\]]*)/i.exec(message) ?? [];
  const [, single] = /field\s{1,9}(['"‘“`]\S{1,260})\s{1,9}not found/i.exec(message) ?? [];
  const names = (bracketed ?? bare ?? single ?? '')
    .split(',')
    .map((name) => name.replace(/^[\s'"‘’“”`]+|[\s'"‘’“”`.]+$/g, ''));
  return names.filter((name) => FIELD_NAME.test(name)).map(cleanText);
}
