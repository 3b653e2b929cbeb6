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
 * here is decided by {@link actionOf}.
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
  { code: '710', meaning: 'Parent folder not found', action: 'fail', remedy: REPORT },
  { code: '711', meaning: 'Incompatible folder type', action: 'fail', remedy: REPORT },
  { code: '712', meaning: 'Merge to person account is invalid', action: 'fail', remedy: REPORT },
  { code: '713', meaning: 'Transient error', action: 'retry' },
  { code: '714', meaning: 'Unable to find the default record type', action: 'fail', remedy: REPORT },
  { code: '718', meaning: 'ExternalSalesPersonID not found', action: 'fail', remedy: REPORT },
  { code: '719', meaning: 'Lock wait timeout', action: 'retry' },
  { code: '1001', meaning: 'Invalid value', action: 'fail', remedy: REPORT },
  { code: '1002', meaning: 'Missing value for a required parameter', action: 'fail', remedy: REPORT },
  { code: '1003', meaning: 'Invalid data', action: 'fail', remedy: 'If fields are named, leave them out of "fields".' },
  { code: '1004', meaning: 'Lead not found', action: 'fail', remedy: REPORT },
  { code: '1005', meaning: 'Lead already exists', action: 'fail', remedy: REPORT },
  { code: '1006', meaning: 'Field not found', action: 'invalidFields', remedy: 'Leave the field out of "fields".' },
  { code: '1007', meaning: 'Multiple leads match the lookup criteria', action: 'fail', remedy: REPORT },
  {
    code: '1008',
    meaning: 'Access denied to partition',
    action: 'fail',
    access: true,
    remedy: 'Give the API user access to the lead partition.',
  },
  { code: '1009', meaning: 'Partition name must be specified', action: 'fail', remedy: REPORT },
  { code: '1010', meaning: 'Partition update not allowed', action: 'fail', remedy: REPORT },
  { code: '1011', meaning: 'Field not supported', action: 'fail', remedy: REPORT },
  { code: '1012', meaning: 'Invalid cookie value', action: 'fail', remedy: REPORT },
  { code: '1013', meaning: 'Object not found', action: 'jobGone' },
  { code: '1014', meaning: 'Failed to create object', action: 'fail', remedy: REPORT },
  { code: '1015', meaning: 'Lead not in list', action: 'fail', remedy: REPORT },
  { code: '1016', meaning: 'Too many imports', action: 'fail', remedy: REPORT },
  { code: '1017', meaning: 'Object already exists', action: 'fail', remedy: REPORT },
  { code: '1018', meaning: 'A native CRM integration is enabled', action: 'fail', remedy: REPORT },
  { code: '1019', meaning: 'Import in progress', action: 'fail', remedy: REPORT },
  { code: '1020', meaning: 'Too many clones to program', action: 'fail', remedy: REPORT },
  { code: '1021', meaning: 'Company update not allowed', action: 'fail', remedy: REPORT },
  { code: '1022', meaning: 'Object in use', action: 'fail', remedy: REPORT },
  { code: '1025', meaning: 'Program status not found', action: 'fail', remedy: REPORT },
  { code: '1026', meaning: 'Custom object not enabled', action: 'fail', remedy: REPORT },
  { code: '1027', meaning: 'Activity type limit reached', action: 'fail', remedy: REPORT },
  { code: '1028', meaning: 'Field limit reached', action: 'fail', remedy: REPORT },
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
    remedy: 'The subscription does not have this filter: ask Adobe.',
  },
  { code: '1036', meaning: 'Duplicate object found in input', action: 'fail', remedy: REPORT },
  { code: '1037', meaning: 'Lead was skipped', action: 'fail', remedy: REPORT },
  { code: '1042', meaning: 'Invalid runAt date', action: 'fail', remedy: REPORT },
  { code: '1048', meaning: 'Discarding the draft of a custom object failed', action: 'fail', remedy: REPORT },
  { code: '1049', meaning: 'Failed to create activity', action: 'fail', remedy: REPORT },
  { code: '1076', meaning: 'Merge Leads: a duplicate record would be created', action: 'fail', remedy: REPORT },
  { code: '1077', meaning: 'Merge Leads: an SFDC field is too long', action: 'fail', remedy: REPORT },
  { code: '1078', meaning: 'Merge Leads: the CRM refused', action: 'fail', remedy: REPORT },
  { code: '1079', meaning: 'Merge Leads: personalized URL conflict', action: 'fail', remedy: REPORT },
  { code: '1080', meaning: 'Merge Leads: too many leads', action: 'fail', remedy: REPORT },
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
  { code: 'WRONG_LENGTH', meaning: 'The file is another one than at first', action: 'jobGone' },
  { code: 'NETWORK', meaning: 'No connection, or it broke or stalled', action: 'retry', outcomeUnknown: true },
  {
    code: 'INVALID_BODY',
    meaning: 'The answer is not JSON: HTML of a gateway, cut or empty',
    action: 'retryBounded',
    outcomeUnknown: true,
  },
  {
    code: 'UNEXPECTED_SHAPE',
    meaning: 'The answer is JSON, but not what the documentation says',
    action: 'retryBounded',
    outcomeUnknown: true,
  },
];

const ROWS = new Map(MARKETO_ERRORS.map((row) => [row.code, row]));

/** What the table says of a code; `undefined` for one that is not in it. */
export function rowOf(code: string): ErrorRow | undefined {
  return ROWS.get(code);
}

/**
 * What a code means. One that is not in the table fails where it blames the request, which no other try would mend: 7xx and
 * 1xxx of Marketo (Adobe: Error Codes), a 4xx of HTTP, and a redirect. Any other is retried for 24 hours.
 */
export function actionOf(code: string): ErrorAction {
  return ROWS.get(code)?.action ?? (/^(?:7\d\d|1\d{3}|HTTP [34]\d\d)$/.test(code) ? 'fail' : 'retryBounded');
}
