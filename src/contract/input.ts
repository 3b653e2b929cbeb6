import ms from 'ms';
import { z } from 'zod';
import { utf8Bytes } from './utf8.js';
import { parseIsoSeconds } from './dates.js';
import { defined } from './defined.js';
import { CONTENT_TYPES, formatOf } from './format.js';
import { DAY_MILLISECONDS, MAX_DESTINATION_KEY_BYTES, MAX_WINDOW_DAYS, RECIPE_POLL, type Poll } from './limits.js';
import { contentTypeProblem, tagsProblem } from './output-options.js';
import { QUOTINGS } from './quoting.js';

const date = z.union([z.iso.date(), z.iso.datetime({ offset: true, local: true })]);
const concurrency = z.int().min(1).max(10);
/**
 * With a longer one the run would hardly ever ask. `ms` throws at a text that is empty or too long, which nothing may in a
 * workflow, and takes one without a unit for milliseconds, which nobody means who writes "5".
 */
const duration = z
  .union([z.number(), z.string().min(1, { abort: true }).max(50, { abort: true }).regex(/[a-z]/i, { abort: true })])
  .refine((value) => toMilliseconds(value) > 0 && toMilliseconds(value) <= DAY_MILLISECONDS);

/** Each key of the input: what it takes, its default, and how to tell somebody who gave something else. */
const KEYS = {
  /** `s3://bucket/key` of the output. A key that ends in `.parquet` is Parquet, one in `.gz` CSV compressed with gzip. */
  destination: {
    // The bucket rule is S3's; the length leaves room for the names of parts within S3's 1,024 bytes.
    schema: z
      .string()
      .regex(/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/[^\0]*[^/\0]$/)
      .refine((url) => utf8Bytes(url.slice(url.indexOf('/', 5) + 1)) <= MAX_DESTINATION_KEY_BYTES),
    valid: `an S3 URL s3://bucket/key, with a key of at most ${MAX_DESTINATION_KEY_BYTES} bytes`,
  },
  /**
   * `full` exports every lead; `update` only what has changed since the output that is there, and puts it over that. Where that
   * cannot be done the run is a full one, and says why.
   * @default 'full'
   */
  mode: { schema: z.enum(['full', 'update']).default('full'), valid: '"full" or "update"' },
  /**
   * REST names of the fields to export; `id` is always exported, as the first column. A name with `*` stands for every
   * exportable field that matches it.
   * @default every exportable field
   */
  fields: {
    schema: z
      .array(z.string().min(1).max(255))
      .min(1)
      .refine((names) => new Set(names).size === names.length)
      .readonly()
      .exactOptional(),
    valid: 'a list of at least one field name, none twice',
  },
  /** Names of fields to leave out, or patterns as in `fields`. @default none */
  excludeFields: {
    schema: z
      .array(z.string().min(1).max(255))
      .refine((names) => !names.includes('id'))
      .readonly()
      .exactOptional(),
    valid: 'a list of field names or patterns, without id: it is always exported',
  },
  /** ISO 8601. @default the oldest `createdAt` of the instance's top-level folders and lowest ids */
  startAt: {
    schema: date.exactOptional(),
    valid: 'an ISO 8601 date or date-time before endAt, such as 2016-08-01T00:00:00Z',
  },
  /** ISO 8601, included in the range. @default the run's start − 60 s */
  endAt: {
    schema: date.exactOptional(),
    valid: 'an ISO 8601 date or date-time that is not in the future, such as 2016-08-31T23:59:59Z',
  },
  /** Export jobs at once, 1–10. @default 1 */
  concurrency: { schema: concurrency.default(1), valid: 'a whole number from 1 to 10' },
  /** Seconds that neighbouring windows share, 0–3600. @default 0 */
  windowOverlapSeconds: { schema: z.int().min(0).max(3600).default(0), valid: 'a whole number from 0 to 3600' },
  /** Longest window in days, 1–31: smaller ones where Marketo fails at large ones. @default 31 */
  windowDays: {
    schema: z.int().min(1).max(MAX_WINDOW_DAYS).default(MAX_WINDOW_DAYS),
    valid: `a whole number from 1 to ${MAX_WINDOW_DAYS}`,
  },
  /** Most megabytes that the run exports in a day of Marketo's quota, which other integrations share; the first job of a day always goes. @default no limit */
  megabytesPerDay: { schema: z.number().min(1).exactOptional(), valid: 'a number of at least 1' },
  /** The output is only published with so many leads. @default 1 where the output that is there has any, else 0 */
  minLeads: { schema: z.int().min(0).exactOptional(), valid: 'a whole number of at least 0' },
  /** Backoff of enqueueing and of status calls: durations such as `1 minute`. @default 1 minute doubling to 4 minutes */
  poll: {
    schema: z
      .strictObject({ initialInterval: duration.exactOptional(), maximumInterval: duration.exactOptional() })
      .readonly()
      .default({}),
    valid:
      '{ initialInterval, maximumInterval }, durations of at most a day such as "1 minute", the first not above the second',
  },
  /** Keep the verified files of the windows beside the output. @default false */
  keepParts: { schema: z.boolean().default(false), valid: 'true or false' },
  /**
   * Of an update: keep beside the output what it changed, for a table that follows it: the rows of leads that are new or
   * changed, and the ids of those that are gone.
   * @default false
   */
  keepChanges: { schema: z.boolean().default(false), valid: 'true or false' },
  /** What to do once a window has failed: fail the run at its end, or wait for the signal `retryWindow`. @default 'fail' */
  onWindowFailure: { schema: z.enum(['fail', 'wait']).default('fail'), valid: '"fail" or "wait"' },
  /** Content type of the output. @default by its format, see `CONTENT_TYPES` */
  contentType: {
    schema: z
      .string()
      .refine((text) => contentTypeProblem(text) === undefined)
      .exactOptional(),
    valid: 'a media type in printable ASCII, such as "text/csv; charset=utf-8"',
  },
  /**
   * How rows are written that readers of RFC 4180 cannot read: `rfc4180` quotes them anew and gives all rows one line end,
   * `asIs` leaves every byte as Marketo wrote it.
   * @default 'rfc4180'
   */
  quoting: {
    schema: z.enum(QUOTINGS).default('rfc4180'),
    valid: '"rfc4180", or "asIs" where the destination does not end in .parquet',
  },
  /** S3 tags of the output: at most 10 (Amazon S3: Object tagging). @default none */
  tags: {
    schema: z
      .record(z.string(), z.string())
      .refine((tags) => tagsProblem(tags) === undefined)
      .readonly()
      .default({}),
    valid:
      'an object of at most 10 tags, keys of 1 to 128 and values of up to 256 characters: letters, numbers, spaces and + - = . _ : / @, no key that begins with aws:',
  },
};

type Key = keyof typeof KEYS;

const schema = z.strictObject(
  Object.fromEntries(Object.entries(KEYS).map(([key, { schema: of }]) => [key, of])) as {
    [K in Key]: (typeof KEYS)[K]['schema'];
  },
);

/** What the published JSON Schema of the input is made of; to be judged by {@link readInput} alone. */
export { schema as inputSchema };

/** What `extractLeads` is started with: one object. Only `destination` is required. */
export type ExtractInput = Readonly<z.input<typeof schema>>;

/** Whether a run exports every lead or keeps an output current. */
export type Mode = z.output<typeof schema>['mode'];

/** The input with its defaults filled in; what has no default is absent. */
export interface ExtractRequest extends Readonly<
  Omit<z.output<typeof schema>, 'startAt' | 'endAt' | 'poll' | 'contentType'>
> {
  readonly contentType: string;
  /** Seconds since 1970. */
  readonly startAtSeconds?: number;
  /** Seconds since 1970. */
  readonly endAtSeconds: number;
  readonly poll: Poll;
}

/** The run ends this long before its start, so that no lead is still being written while its window is exported. */
export const END_MARGIN_SECONDS = 60;

/** Unknown keys that are named: with more, it is no input that somebody mistyped. */
const MAX_UNKNOWN_KEYS = 20;

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
  const { startAt, endAt, poll: given, ...rest } = parsed.data;
  const now = Math.floor(nowMilliseconds / 1000);
  const startAtSeconds = startAt === undefined ? undefined : parseIsoSeconds(startAt);
  const endAtSeconds = endAt === undefined ? now - END_MARGIN_SECONDS : parseIsoSeconds(endAt);
  const poll = {
    initialMilliseconds: toMilliseconds(given.initialInterval ?? RECIPE_POLL.initialMilliseconds),
    maximumMilliseconds: toMilliseconds(given.maximumInterval ?? RECIPE_POLL.maximumMilliseconds),
  };
  const problems: string[] = [];
  if (endAtSeconds > now) problems.push(problem('endAt', endAt));
  if (startAtSeconds !== undefined && startAtSeconds >= endAtSeconds) problems.push(problem('startAt', startAt));
  if (poll.initialMilliseconds > poll.maximumMilliseconds) problems.push(problem('poll', given));
  // The values of a Parquet file have no quotes to be left as they are.
  if (rest.quoting === 'asIs' && formatOf(rest.destination) === 'parquet')
    problems.push(problem('quoting', rest.quoting));
  if (problems.length > 0) return { problems };
  const contentType = rest.contentType ?? CONTENT_TYPES[formatOf(rest.destination)];
  return { request: { ...rest, contentType, ...defined({ startAtSeconds }), endAtSeconds, poll } };
}

/** True for what the update `setConcurrency` and the key `concurrency` take: a whole number from 1 to 10. */
export function isConcurrency(value: unknown): value is number {
  return concurrency.safeParse(value).success;
}

function describeIssues(input: unknown, issues: readonly z.core.$ZodIssue[]): string[] {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return [`input: got ${show(input)}; valid is one object with the key destination`];
  }
  const values = input as Record<string, unknown>;
  const problems = issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys' && issue.path.length === 0) {
      return issue.keys
        .slice(0, MAX_UNKNOWN_KEYS)
        .map((key) => `${show(key)}: not a key; keys are ${Object.keys(KEYS).join(', ')}`);
    }
    const key = String(issue.path[0]) as Key;
    return [problem(key, values[key])];
  });
  return [...new Set(problems)];
}

function problem(key: Key, got: unknown): string {
  return `${key}: got ${show(got)}; valid is ${KEYS[key].valid}`;
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = jsonOf(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    // JSON is read to any depth, but not written.
    return 'something nested too deeply';
  }
}

function toMilliseconds(value: string | number): number {
  return typeof value === 'number' ? value : ms(value as ms.StringValue);
}
