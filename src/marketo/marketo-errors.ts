import { cleanText } from './clean-text.js';

/** What an error of Marketo means for whoever made the call. */
export type ErrorAction =
  /** Ask for a new token and call again, once. */
  | 'refreshToken'
  /** Call again later, without end. */
  | 'retry'
  /** Call again later, for 24 hours. */
  | 'retryBounded'
  /** The export queue is full. */
  | 'queueFull'
  /** The job is queued already: what was wanted. */
  | 'alreadyQueued'
  /** The daily export quota is used up until midnight Central. */
  | 'waitForExportQuota'
  /** The daily quota of API calls is used up until midnight Central. */
  | 'waitForCallQuota'
  /** The job or its file is not there. */
  | 'jobGone'
  /** The instance does not export some of the fields. */
  | 'invalidFields'
  /** It will never work. */
  | 'fail';

/** One row of the table of errors. */
export interface ErrorRow {
  /** Marketo's response code, or `HTTP` and a status. */
  readonly code: string;
  /** Adobe's words for it (Adobe: Error Codes). */
  readonly meaning: string;
  readonly action: ErrorAction;
  /** What a person can do; for errors that end a run. */
  readonly remedy?: string;
  /** True if credentials, permissions or the subscription are refused: every other call would be too. */
  readonly access?: true;
  /** Seconds to wait at least before another call. */
  readonly waitSeconds?: number;
  /** True if the request may have been acted upon all the same: a job may have been made that nobody knows. */
  readonly outcomeUnknown?: true;
}

const PERMISSIONS =
  'Give the API user a role with Read-Only Lead and Read-Only Assets, and allow the address of the worker (Admin > Users & Roles, Admin > Web Services).';
const REPORT = 'Report this with the request id to Marketo Support, or to this project if the request was wrong.';

/**
 * The table of errors: the one place that knows what a code means. 1029 has three meanings, told apart by its message, 1003
 * is `invalidFields` where it names fields, and both 610 and HTTP 404 on a job's own path are `jobGone`. A code that is not
 * in the table is retried for 24 hours; an HTTP status 4xx that is not is `fail`.
 */
export const MARKETO_ERRORS: readonly ErrorRow[] = [
  { code: '600', meaning: 'Empty access token', action: 'refreshToken' },
  { code: '601', meaning: 'Access token invalid', action: 'refreshToken' },
  { code: '602', meaning: 'Access token expired', action: 'refreshToken' },
  { code: '603', meaning: 'Access denied', action: 'fail', access: true, remedy: PERMISSIONS },
  { code: '604', meaning: 'Request time-out', action: 'retry', outcomeUnknown: true },
  { code: '605', meaning: 'HTTP method not supported', action: 'fail', remedy: REPORT },
  { code: '606', meaning: 'Max rate limit exceeded', action: 'retry', waitSeconds: 20 },
  { code: '607', meaning: 'Daily quota reached', action: 'waitForCallQuota' },
  { code: '608', meaning: 'API temporarily unavailable', action: 'retry' },
  { code: '609', meaning: 'Invalid JSON', action: 'fail', remedy: REPORT },
  {
    code: '610',
    meaning: 'Requested resource not found',
    action: 'fail',
    remedy: 'See that MARKETO_ENDPOINT is right.',
  },
  { code: '611', meaning: 'System error', action: 'retryBounded', outcomeUnknown: true },
  { code: '612', meaning: 'Invalid content type', action: 'fail', remedy: REPORT },
  { code: '613', meaning: 'Invalid multipart request', action: 'fail', remedy: REPORT },
  { code: '614', meaning: 'Invalid subscription', action: 'retryBounded', waitSeconds: 60 },
  { code: '615', meaning: 'Concurrent access limit reached', action: 'retry' },
  {
    code: '616',
    meaning: 'Invalid subscription type',
    action: 'fail',
    access: true,
    remedy: 'The subscription does not include this API: ask Adobe.',
  },
  { code: '701', meaning: 'A value cannot be blank', action: 'fail', remedy: REPORT },
  { code: '702', meaning: 'No data found', action: 'fail', remedy: REPORT },
  {
    code: '703',
    meaning: 'The feature is not enabled',
    action: 'fail',
    access: true,
    remedy: 'Ask Adobe to enable Bulk Lead Extract for the subscription.',
  },
  { code: '704', meaning: 'Invalid date format', action: 'fail', remedy: REPORT },
  { code: '709', meaning: 'Business rule violation', action: 'fail', remedy: REPORT },
  { code: '713', meaning: 'Transient error', action: 'retry' },
  { code: '719', meaning: 'Lock wait timeout', action: 'retry' },
  { code: '1001', meaning: 'Invalid value', action: 'fail', remedy: REPORT },
  { code: '1002', meaning: 'Missing value for a required parameter', action: 'fail', remedy: REPORT },
  { code: '1003', meaning: 'Invalid data', action: 'fail', remedy: 'If fields are named, leave them out of "fields".' },
  { code: '1006', meaning: 'Field not found', action: 'invalidFields', remedy: 'Leave the field out of "fields".' },
  {
    code: '1008',
    meaning: 'Access denied to partition',
    action: 'fail',
    access: true,
    remedy: 'Give the API user access to the lead partition.',
  },
  { code: '1013', meaning: 'Object not found', action: 'jobGone' },
  {
    code: '1029',
    meaning: 'Too many jobs in queue, or export quota exceeded, or job already queued',
    action: 'queueFull',
  },
  {
    code: '1035',
    meaning: 'Unsupported filter type for the subscription',
    action: 'fail',
    access: true,
    remedy: 'The subscription does not allow the createdAt filter: ask Adobe.',
  },
  {
    code: 'HTTP 401',
    meaning: 'Client id or client secret refused',
    action: 'fail',
    access: true,
    remedy: 'See that MARKETO_CLIENT_ID and MARKETO_CLIENT_SECRET are those of the LaunchPoint service.',
  },
  { code: 'HTTP 403', meaning: 'Forbidden', action: 'fail', access: true, remedy: PERMISSIONS },
  { code: 'HTTP 404', meaning: 'Not found', action: 'fail', remedy: 'See that MARKETO_ENDPOINT is right.' },
  { code: 'HTTP 408', meaning: 'Request time-out', action: 'retry', outcomeUnknown: true },
  { code: 'HTTP 413', meaning: 'Request entity too large', action: 'fail', remedy: 'Name fewer fields.' },
  { code: 'HTTP 414', meaning: 'Request URI too long', action: 'fail', remedy: REPORT },
  { code: 'HTTP 416', meaning: 'The file is shorter than Marketo said', action: 'jobGone' },
  { code: 'HTTP 429', meaning: 'Too many requests', action: 'retry' },
  { code: 'HTTP 500', meaning: 'Internal server error', action: 'retryBounded', outcomeUnknown: true },
  { code: 'HTTP 502', meaning: 'Bad gateway', action: 'retry', outcomeUnknown: true },
  { code: 'HTTP 503', meaning: 'Service unavailable', action: 'retry', outcomeUnknown: true },
  { code: 'HTTP 504', meaning: 'Gateway time-out', action: 'retry', outcomeUnknown: true },
  { code: 'WRONG_LENGTH', meaning: 'The file is not as long as Marketo said', action: 'jobGone' },
  { code: 'NETWORK', meaning: 'No connection, or it broke or stalled', action: 'retry', outcomeUnknown: true },
  {
    code: 'INVALID_BODY',
    meaning: 'The answer is not what the documentation says',
    action: 'retryBounded',
    outcomeUnknown: true,
  },
];

/** Code of an answer that is not what it should be. */
export const INVALID_BODY = 'INVALID_BODY';

/** Name of the endpoint that hands out tokens. A call that got none was never made, whatever went wrong. */
export const IDENTITY = 'identity';

/** Code of a connection that could not be made, broke or stalled. */
export const NETWORK = 'NETWORK';

const ROWS = new Map(MARKETO_ERRORS.map((row) => [row.code, row]));

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
  /** True if every other call would be refused too. */
  readonly access: boolean;
  readonly endpoint: string;
  readonly requestId: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  /** True if the request may have been acted upon although there is no good answer. */
  readonly outcomeUnknown: boolean;
  /** Fields that the instance refused; empty for other errors. */
  readonly invalidFields: readonly string[];

  constructor(code: string, options: MarketoErrorOptions) {
    const row = ROWS.get(code);
    const shownCode = cleanText(code);
    const requestId = options.requestId === undefined ? undefined : cleanText(options.requestId);
    super(messageOf(shownCode, row, requestId, options));
    this.code = shownCode;
    this.action = options.action ?? row?.action ?? (code.startsWith('HTTP 4') ? 'fail' : 'retryBounded');
    this.access = row?.access ?? false;
    this.endpoint = options.endpoint;
    this.requestId = requestId;
    this.retryAfterSeconds = options.retryAfterSeconds ?? row?.waitSeconds;
    this.outcomeUnknown =
      options.endpoint !== IDENTITY && (options.outcomeUnknown ?? row?.outcomeUnknown ?? code.startsWith('HTTP 5'));
    this.invalidFields = options.invalidFields ?? [];
  }

  /** An answer that breaks the documentation; the request may have been acted upon. */
  static invalidBody(endpoint: string, detail: string, requestId?: string): MarketoError {
    return new MarketoError(INVALID_BODY, { endpoint, detail, requestId });
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
