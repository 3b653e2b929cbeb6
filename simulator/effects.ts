/** What goes wrong, one kind a line; `fault-kinds.ts` says what each does and whether it meets a call, a job or a download. */
export type FaultEffect = CallEffect | JobEffect | FileEffect | DownloadEffect;

/** Happens to the matching call itself. */
type CallEffect =
  /** In a 200. Without a message the error has none; `{token}` in it is the access token. */
  | { readonly kind: 'error'; readonly code: string | number; readonly message?: string }
  | {
      readonly kind: 'http';
      readonly status: number;
      readonly body?: string;
      /** @default text/html */
      readonly contentType?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'reset' }
  | { readonly kind: 'resetAfter' }
  | { readonly kind: 'closeAfter' }
  | { readonly kind: 'hang'; readonly seconds: number }
  | { readonly kind: 'delay'; readonly seconds: number }
  | { readonly kind: 'truncateBody' }
  | { readonly kind: 'noResult' }
  | { readonly kind: 'gzipBomb'; readonly bytes: number }
  | { readonly kind: 'expireToken' }
  | { readonly kind: 'dyingToken'; readonly secondsLeft: number }
  | { readonly kind: 'expiresInAsText' }
  | { readonly kind: 'quotaExceeded' };

/** Put on a job by the create that it meets: its life and its status. */
type JobEffect =
  /** `{token}` in the message is the access token; `bytes`: the message is repeated to this length. `longerThanDays` spares jobs over shorter ranges. */
  | { readonly kind: 'jobFails'; readonly message?: string; readonly bytes?: number; readonly longerThanDays?: number }
  | { readonly kind: 'jobCancelled'; readonly spelling: 'Cancelled' | 'Canceled' }
  | { readonly kind: 'jobVanishes' }
  | {
      readonly kind: 'jobStuck';
      readonly status: 'Created' | 'Queued' | 'Processing';
      readonly longerThanDays?: number;
    }
  | { readonly kind: 'jobDates'; readonly form: DateForm }
  | { readonly kind: 'unknownStatus'; readonly status: string }
  | { readonly kind: 'wrongRecordCount'; readonly by: number }
  | { readonly kind: 'recordCount'; readonly is: number }
  | { readonly kind: 'noRecordCount' }
  | { readonly kind: 'wrongFileSize'; readonly by: number }
  | { readonly kind: 'noFileSize' }
  | { readonly kind: 'numbersAsText' }
  | { readonly kind: 'wrongChecksum' }
  | { readonly kind: 'checksumForm'; readonly form: 'bare' | 'upperCase' | 'otherKey' | 'none' }
  | { readonly kind: 'fileExpired' };

/** Put on a job by the create that it meets: how its file is written. Size and checksum are those of the file all the same. */
type FileEffect =
  | {
      readonly kind: 'fileColumns';
      readonly drop?: readonly string[];
      readonly rename?: Readonly<Record<string, string>>;
      readonly duplicate?: readonly string[];
      readonly extra?: readonly string[];
      readonly reverse?: boolean;
    }
  | { readonly kind: 'fileHeaderOnly' }
  | { readonly kind: 'fileBom' }
  | { readonly kind: 'fileCrlf' }
  | { readonly kind: 'fileBlankLines'; readonly where: 'inside' | 'end'; readonly lines: number }
  | { readonly kind: 'fileLastLineEnd'; readonly present: boolean }
  | { readonly kind: 'fileOddRow'; readonly where: 'first' | 'last' };

/** Happens to the matching download. */
type DownloadEffect =
  | { readonly kind: 'file404' }
  | { readonly kind: 'cutAfterBytes'; readonly bytes: number }
  | { readonly kind: 'stallAfterBytes'; readonly bytes: number }
  | { readonly kind: 'shortCleanEnd'; readonly bytes: number }
  | { readonly kind: 'slow'; readonly bytesPerSecond: number }
  | { readonly kind: 'ignoreRange' }
  | { readonly kind: 'wrongContentRange' }
  | { readonly kind: 'flipBit'; readonly atByte: number }
  /** `null`: no Content-Type at all. */
  | { readonly kind: 'contentType'; readonly is: string | null }
  | { readonly kind: 'noContentLength' }
  | { readonly kind: 'jsonInsteadOfFile'; readonly code: string; readonly message: string }
  | { readonly kind: 'htmlInsteadOfFile' };

/** How a job's dates are spelled: `-08:00` as in Adobe's samples, without zone, with a space for the T, empty, or null. */
export type DateForm = 'offset' | 'noZone' | 'space' | 'empty' | 'null';

/** The first effect of a kind. */
export function effectOf<K extends FaultEffect['kind']>(
  effects: readonly FaultEffect[],
  kind: K,
): Extract<FaultEffect, { kind: K }> | undefined {
  return effects.find((effect): effect is Extract<FaultEffect, { kind: K }> => effect.kind === kind);
}
