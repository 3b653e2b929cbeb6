import ms from 'ms';
import { z } from 'zod';
import { parseIsoSeconds } from './dates.js';
import { utf8Bytes } from '../text/utf8.js';
import { MAX_DESTINATION_KEY_BYTES } from './limits.js';

/** What `extractLeads` is started with: one object. Only `destination` is required. */
export interface ExtractInput {
  /** `s3://bucket/key` of the output. A key that ends in `.gz` is compressed with gzip. */
  readonly destination: string;
  /**
   * REST names of the fields to export; `id` is always exported, as the first column. A name with `*` stands for every
   * exportable field that matches it.
   * @default every exportable field
   */
  readonly fields?: readonly string[];
  /** ISO 8601. @default the oldest `createdAt` of the instance's top-level folders */
  readonly startAt?: string;
  /** ISO 8601, included in the range. @default the run's start − 60 s */
  readonly endAt?: string;
  /** Export jobs at once, 1–10. @default 1 */
  readonly concurrency?: number;
  /** Seconds that neighbouring windows share, 0–3600. @default 0 */
  readonly windowOverlapSeconds?: number;
  /** Backoff of enqueueing and of status calls: durations such as `1 minute`. @default 1 minute doubling to 4 minutes */
  readonly poll?: { readonly initialInterval?: string | number; readonly maximumInterval?: string | number };
  /** Keep the verified files of the windows beside the output. @default false */
  readonly keepParts?: boolean;
  /** What to do once a window is beyond help: fail the run at its end, or wait for the signal `retryWindow`. @default 'fail' */
  readonly onWindowFailure?: 'fail' | 'wait';
  /** Content type of the output. @default 'text/csv; charset=utf-8' */
  readonly contentType?: string;
  /** S3 tags of the output: at most 10 (Amazon S3: Object tagging). */
  readonly tags?: Readonly<Record<string, string>>;
}

/** The input with its defaults filled in; what has no default is absent. */
export interface ExtractRequest {
  readonly destination: string;
  readonly fields?: readonly string[];
  /** Seconds since 1970. */
  readonly startAtSeconds?: number;
  /** Seconds since 1970. */
  readonly endAtSeconds: number;
  readonly concurrency: number;
  readonly windowOverlapSeconds: number;
  readonly poll: Poll;
  readonly keepParts: boolean;
  readonly onWindowFailure: 'fail' | 'wait';
  readonly contentType: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** The recipe's truncated binary exponential backoff, in milliseconds: the first wait, doubled each time up to the last. */
export interface Poll {
  readonly initialMilliseconds: number;
  readonly maximumMilliseconds: number;
}

/** The run ends this long before its start, so that no lead is still being written while its window is exported. */
const END_MARGIN_SECONDS = 60;

const VALID: Readonly<Record<keyof ExtractInput, string>> = {
  destination: 'an S3 URL s3://bucket/key, with a key of at most 850 bytes',
  fields: 'a list of at least one field name, none twice',
  startAt: 'an ISO 8601 date or date-time before endAt, such as 2016-08-01T00:00:00Z',
  endAt: 'an ISO 8601 date or date-time that is not in the future, such as 2016-08-31T23:59:59Z',
  concurrency: 'a whole number from 1 to 10',
  windowOverlapSeconds: 'a whole number from 0 to 3600',
  poll: '{ initialInterval, maximumInterval }, durations such as "1 minute", the first not above the second',
  keepParts: 'true or false',
  onWindowFailure: '"fail" or "wait"',
  contentType: 'a media type such as "text/csv; charset=utf-8"',
  tags: 'an object of at most 10 tags, keys of 1 to 128 and values of up to 256 characters',
};

// The bucket rule is S3's; the length leaves room for the names of parts within S3's 1,024 bytes.
const s3Url = z
  .string()
  .regex(/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/[^\0]*[^/\0]$/)
  .refine((url) => utf8Bytes(url.slice(url.indexOf('/', 5) + 1)) <= MAX_DESTINATION_KEY_BYTES);
const date = z.union([z.iso.date(), z.iso.datetime({ offset: true, local: true })]);
const duration = z.union([
  z.number().positive(),
  z
    .string()
    .max(50)
    .refine((text) => ms(text as ms.StringValue) > 0),
]);

const schema = z.strictObject({
  destination: s3Url,
  fields: z
    .array(z.string().min(1).max(255))
    .min(1)
    .refine((names) => new Set(names).size === names.length)
    .optional(),
  startAt: date.optional(),
  endAt: date.optional(),
  concurrency: z.int().min(1).max(10).optional(),
  windowOverlapSeconds: z.int().min(0).max(3600).optional(),
  poll: z.strictObject({ initialInterval: duration.optional(), maximumInterval: duration.optional() }).optional(),
  keepParts: z.boolean().optional(),
  onWindowFailure: z.enum(['fail', 'wait']).optional(),
  contentType: z
    .string()
    .max(255)
    .regex(/^[\w.+-]+\/[\w.+-]+(?:\s*;\s*[\w.+-]+=[^;\s]+)*$/)
    .optional(),
  tags: z
    .record(z.string().min(1).max(128), z.string().max(256))
    .refine((tags) => Object.keys(tags).length <= 10)
    .optional(),
});

/** The outcome of {@link readInput}: the request, or every mistake in one sentence each. */
export type InputReading = { readonly request: ExtractRequest } | { readonly problems: readonly string[] };

/**
 * Checks an input against the contract and fills in the defaults.
 *
 * @param input what the workflow was started with, of whatever shape
 * @param nowMilliseconds the run's start: `endAt` must not lie after it and is 60 s before it by default
 */
export function readInput(input: unknown, nowMilliseconds: number): InputReading {
  const parsed = schema.safeParse(input);
  if (!parsed.success) return { problems: describeIssues(input, parsed.error.issues) };
  const given = parsed.data;
  const now = Math.floor(nowMilliseconds / 1000);
  const startAtSeconds = given.startAt === undefined ? undefined : parseIsoSeconds(given.startAt);
  const endAtSeconds = given.endAt === undefined ? now - END_MARGIN_SECONDS : parseIsoSeconds(given.endAt);
  const poll = {
    initialMilliseconds: toMilliseconds(given.poll?.initialInterval ?? '1 minute'),
    maximumMilliseconds: toMilliseconds(given.poll?.maximumInterval ?? '4 minutes'),
  };
  const problems: string[] = [];
  if (endAtSeconds > now) problems.push(problem('endAt', given.endAt));
  if (startAtSeconds !== undefined && startAtSeconds >= endAtSeconds) problems.push(problem('startAt', given.startAt));
  if (poll.initialMilliseconds > poll.maximumMilliseconds) problems.push(problem('poll', given.poll));
  if (problems.length > 0) return { problems };
  return {
    request: {
      destination: given.destination,
      ...(given.fields && { fields: given.fields }),
      ...(startAtSeconds !== undefined && { startAtSeconds }),
      endAtSeconds,
      concurrency: given.concurrency ?? 1,
      windowOverlapSeconds: given.windowOverlapSeconds ?? 0,
      poll,
      keepParts: given.keepParts ?? false,
      onWindowFailure: given.onWindowFailure ?? 'fail',
      contentType: given.contentType ?? 'text/csv; charset=utf-8',
      tags: given.tags ?? {},
    },
  };
}

/** True for what the update `setConcurrency` and the key `concurrency` take: a whole number from 1 to 10. */
export function isConcurrency(value: unknown): value is number {
  return schema.shape.concurrency.safeParse(value).success && value !== undefined;
}

function describeIssues(input: unknown, issues: readonly z.core.$ZodIssue[]): string[] {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return [`input: got ${show(input)}; valid is one object with the key destination`];
  }
  const values = input as Record<string, unknown>;
  const problems = issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys' && issue.path.length === 0) {
      return issue.keys.map((key) => `${show(key)}: not a key; keys are ${Object.keys(VALID).join(', ')}`);
    }
    const key = String(issue.path[0]) as keyof ExtractInput;
    return [problem(key, values[key])];
  });
  return [...new Set(problems)];
}

function problem(key: keyof ExtractInput, got: unknown): string {
  return `${key}: got ${show(got)}; valid is ${VALID[key]}`;
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

function toMilliseconds(value: string | number): number {
  return typeof value === 'number' ? value : ms(value as ms.StringValue);
}
