import type { FaultEffect } from './effects.js';

/** What a fault meets: a call, a job by the create that makes it, or a download. */
export type Target = 'call' | 'job' | 'download';

/** Every kind of fault: what it meets, its parameters, and what it does. */
export const FAULT_KINDS: Readonly<Record<FaultEffect['kind'], readonly [Target, string, string]>> = {
  error: [
    'call',
    'code, message',
    'success: false in a 200, with any code; {token} in the message is the access token',
  ],
  http: [
    'call',
    'status, body, contentType, headers',
    'another HTTP answer: 401, 302 with a location, 200 with HTML or nothing',
  ],
  reset: ['call', '', 'the connection is reset before anything is done'],
  resetAfter: ['call', '', 'it is done, then the connection is reset: the answer is lost'],
  closeAfter: ['call', '', 'the connection is closed right after the answer, which did not announce it'],
  hang: ['call', 'seconds', 'no answer for so long, then a reset'],
  delay: ['call', 'seconds', 'it is done at once, and the answer comes so late'],
  truncateBody: ['call', '', 'it is done, and the answer is cut in the middle'],
  noResult: ['call', '', 'success: true without result'],
  gzipBomb: ['call', 'bytes', 'a small gzip body that is so large unpacked, whatever encoding was asked for'],
  expireToken: ['call', '', 'all tokens that were handed out are refused from now on'],
  dyingToken: ['call', 'secondsLeft', 'the token is refused while identity goes on handing it out for so long'],
  expiresInAsText: ['call', '', 'expires_in of identity is a string'],
  quotaExceeded: ['call', '', 'the export quota is used up until the next midnight Central'],

  jobFails: [
    'job',
    'message, bytes, longerThanDays',
    'Failed, with this errorMsg, repeated to so many bytes; shorter ranges are spared',
  ],
  jobCancelled: ['job', 'spelling', 'cancelled by Marketo, in either spelling'],
  jobVanishes: ['job', '', 'the job is not known any more when it should end'],
  jobStuck: ['job', 'status, longerThanDays', 'stays Created (the first enqueue is forgotten), Queued or Processing'],
  jobDates: ['job', 'form', 'dates with an offset, noZone, with a space, empty, or null'],
  unknownStatus: ['job', 'status', 'a status that nobody documents'],
  wrongRecordCount: ['job', 'by', 'numberOfRecords is off by so many'],
  recordCount: ['job', 'is', 'numberOfRecords is this, such as 0 though there are rows'],
  noRecordCount: ['job', '', 'no numberOfRecords'],
  wrongFileSize: ['job', 'by', 'fileSize is off by so many bytes, the checksum is right'],
  noFileSize: ['job', '', 'no fileSize'],
  numbersAsText: ['job', '', 'numberOfRecords and fileSize are strings'],
  wrongChecksum: ['job', '', 'fileChecksum is that of no file'],
  checksumForm: [
    'job',
    'form',
    'fileChecksum bare (without sha256:), in upperCase, under otherKey (fileCheckSum), or none',
  ],
  fileExpired: ['job', '', 'Completed, but the file is gone'],

  fileColumns: ['job', 'drop, rename, duplicate, extra, reverse', 'other columns than were asked for'],
  fileHeaderOnly: ['job', '', 'the header without the rows that the status counts'],
  fileBom: ['job', '', 'a byte order mark before the header'],
  fileCrlf: ['job', '', 'lines end with CRLF'],
  fileBlankLines: ['job', 'where, lines', 'so many empty lines after the first row (inside) or at the end'],
  fileLastLineEnd: ['job', 'present', 'the last line has a line end, or has none'],
  fileOddRow: ['job', 'where', 'the first or the last row has a column more'],

  file404: ['download', '', 'this one answers 404'],
  cutAfterBytes: ['download', 'bytes', 'the connection breaks after so many bytes'],
  stallAfterBytes: ['download', 'bytes', 'nothing more comes after so many bytes'],
  shortCleanEnd: ['download', 'bytes', 'it ends after so many bytes as if it were whole'],
  slow: ['download', 'bytesPerSecond', 'it comes no faster'],
  ignoreRange: ['download', '', 'the whole file in a 200 whatever range was asked for'],
  wrongContentRange: ['download', '', 'a Content-Range that was not asked for'],
  flipBit: ['download', 'atByte', 'one bit of this byte is turned'],
  contentType: ['download', 'is', 'another Content-Type over the same bytes; null for none'],
  noContentLength: ['download', '', 'the whole file without its length'],
  jsonInsteadOfFile: ['download', 'code, message', 'an error in a 200'],
  htmlInsteadOfFile: ['download', '', 'a page in a 200'],
};

/** The kinds as `--help` lists them. @param endpoints that faults can meet */
export function faultHelp(endpoints: readonly string[]): string {
  const lines = Object.entries(FAULT_KINDS).map(
    ([kind, [target, parameters, does]]) =>
      `  ${target.padEnd(9)} ${`${kind}${parameters && ` {${parameters}}`}`.padEnd(64)} ${does}`,
  );
  return [
    '',
    'Faults, given by --fault or POST /simulator/faults:',
    '  {"endpoint":"status","nth":3,"effect":{"kind":"error","code":"611","message":"System error"}}',
    `\`endpoint\` is any or one of ${endpoints.join(', ')}`,
    '(describe is Describe Lead 2, describeJson is Describe Lead); `nth`, `every`, `probability` and `times` say which calls it',
    'meets. Those of a job take create: the nth job. A permission that is missing is error 603 at its endpoint.',
    'GET /simulator/expected tells what a right extract is: under all switches, and under faults of every job that change columns',
    'or line ends. What loses or bends rows (fileHeaderOnly, fileOddRow, a flipped bit) leaves it as it is.',
    '',
    ...lines,
  ].join('\n');
}
