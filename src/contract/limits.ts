/** The recipe's truncated binary exponential backoff, in milliseconds: the first wait, doubled each time up to the last. */
export interface Poll {
  readonly initialMilliseconds: number;
  readonly maximumMilliseconds: number;
}

/** Milliseconds of a day. */
export const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;

/** Bytes that a subscription exports in a day unless more was bought (Adobe: Bulk Extract, Limits). */
export const DAILY_EXPORT_QUOTA_BYTES = 500_000_000;

/** Marketo's daily quotas begin anew at midnight Central (Adobe: Bulk Extract, Limits). */
export const QUOTA_TIME_ZONE = 'America/Chicago';

/** The longest range of a `createdAt` filter in days (Adobe: Bulk Lead Extract, Filters). */
export const MAX_WINDOW_DAYS = 31;

/** Jobs that a window may use up before it fails. */
export const MAX_JOBS_PER_WINDOW = 3;

/** The recipe's backoff for a full queue and for status calls: 1 → 2 → 4 → 4 … minutes. */
export const RECIPE_POLL: Poll = { initialMilliseconds: 60_000, maximumMilliseconds: 240_000 };

/** Errors that may pass but are not documented as passing are borne this long. */
export const PATIENCE_MILLISECONDS = DAY_MILLISECONDS;

/** An answer of the wrong shape will not mend itself: the same one is borne this long, in a row. */
export const SHAPE_PATIENCE_MILLISECONDS = 60 * 60 * 1000;

/** Days that the verified parts and the plan of a run may be taken over by the next run of the same workflow id. */
export const TAKE_OVER_DAYS = 60;

/**
 * Days after which the lifecycle rule of the bucket deletes what a run left beside its output: longer than anything is
 * taken over, so that no rule meets a run that still works.
 */
export const LIFECYCLE_DAYS = 90;

/**
 * Longest key of a destination in bytes of UTF-8. What lies beside the output has the key in its own, longer one, which S3
 * bounds to 1,024 bytes (Amazon S3: Object key names).
 */
export const MAX_DESTINATION_KEY_BYTES = 850;
