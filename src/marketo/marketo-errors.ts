import { cleanText } from './clean-text.js';
import { actionOf, rowOf, type ErrorAction, type ErrorRow } from './error-table.js';

export { MARKETO_ERRORS, type ErrorAction } from './error-table.js';

/** Code of an answer that cannot be read at all: HTML, cut or empty. It passes, as a gateway's troubles do. */
const INVALID_BODY = 'INVALID_BODY';

/** Code of an answer that is well-formed but not what is documented. In a row it will hardly mend itself. */
export const UNEXPECTED_SHAPE = 'UNEXPECTED_SHAPE';

/** Name of the endpoint that hands out tokens. A call that got none was never made, whatever went wrong. */
export const IDENTITY = 'identity';

/** Code of a connection that could not be made, broke or stalled. */
export const NETWORK = 'NETWORK';

export interface MarketoErrorOptions {
  /** Name of the endpoint, such as `create`. */
  readonly endpoint: string;
  /** Marketo's own message, or what was wrong: shown cleaned and cut. */
  readonly detail?: string;
  /** Marketo Support asks for it. */
  readonly requestId?: string | undefined;
  /** Overrides the wait of the table, as by `Retry-After`. */
  readonly retryAfterSeconds?: number | undefined;
  /** Overrides the table. */
  readonly outcomeUnknown?: boolean;
  /** Overrides the table. */
  readonly action?: ErrorAction;
  readonly invalidFields?: readonly string[];
}

/** An error of Marketo with what it means. Its message is for people and holds no token, secret or data of a lead. */
export class MarketoError extends Error {
  override readonly name = 'MarketoError';
  /** A code of {@link MARKETO_ERRORS}, or one that is not known. */
  readonly code: string;
  readonly action: ErrorAction;
  /** True if it is for good and every other call would be refused too. */
  readonly access: boolean;
  readonly endpoint: string;
  readonly requestId: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  /** True if the request may have been acted upon although there is no good answer. */
  readonly outcomeUnknown: boolean;
  /** Fields that the instance refused; empty for other errors. */
  readonly invalidFields: readonly string[];

  constructor(code: string, options: MarketoErrorOptions) {
    const row = rowOf(code);
    const shownCode = cleanText(code);
    const requestId = options.requestId === undefined ? undefined : cleanText(options.requestId);
    super(messageOf(shownCode, row, requestId, options));
    this.code = shownCode;
    this.action = options.action ?? actionOf(code);
    this.access = this.action === 'fail' && row?.access === true;
    this.endpoint = options.endpoint;
    this.requestId = requestId;
    this.retryAfterSeconds = options.retryAfterSeconds ?? row?.waitSeconds;
    this.outcomeUnknown =
      options.endpoint !== IDENTITY && (options.outcomeUnknown ?? row?.outcomeUnknown ?? code.startsWith('HTTP 5'));
    this.invalidFields = options.invalidFields ?? [];
  }

  /** An answer that cannot be read; the request may have been acted upon. */
  static invalidBody(endpoint: string, detail: string): MarketoError {
    return new MarketoError(INVALID_BODY, { endpoint, detail });
  }

  /** A well-formed answer that breaks the documentation; the request may have been acted upon. */
  static unexpectedShape(endpoint: string, detail: string, requestId?: string): MarketoError {
    return new MarketoError(UNEXPECTED_SHAPE, { endpoint, detail, requestId });
  }
}

/** What happened, where, and what to do, in that order. */
function messageOf(
  code: string,
  row: ErrorRow | undefined,
  requestId: string | undefined,
  { endpoint, detail = '' }: MarketoErrorOptions,
): string {
  const what = cleanText(detail) || (row?.meaning ?? 'An error that is not documented');
  const request = requestId === undefined ? '' : `, request ${requestId}`;
  const remedy = row?.remedy === undefined ? '' : ` ${row.remedy}`;
  return `Marketo ${code} (${endpoint}${request}): ${what.replace(/\.$/, '')}.${remedy}`;
}
