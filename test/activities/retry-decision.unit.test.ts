import { S3ServiceException } from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { backoffMilliseconds, decide, isNews, RetryLater, type Decision } from '../../src/activities/retry-decision.js';
import { RunFailure } from '../../src/contract/failures.js';
import { readHeartbeat, type HeartbeatDetails } from '../../src/contract/heartbeat.js';
import { MARKETO_ERRORS, MarketoError, type ErrorAction } from '../../src/marketo/marketo-errors.js';
import { ConverterError, ConverterMissingError } from '../../src/merge/formats/parquet/converter.js';
import { BucketError } from '../../src/storage/s3-errors.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const POLL = { initialMilliseconds: MINUTE, maximumMilliseconds: 4 * MINUTE };
/** Noon in Chicago, in winter. */
const NOON = new Date('2024-01-20T18:00:00Z');
const NEW = readHeartbeat(undefined);
const WAIT = { reason: 'jobQueued', message: 'queued' } as const;

function marketo(action: ErrorAction, options: { retryAfterSeconds?: number } = {}): MarketoError {
  return new MarketoError('9999', { endpoint: 'status', detail: 'as it says', action, ...options });
}

function decideNow(error: unknown, details: HeartbeatDetails = NEW, now = NOON, random = 0.5): Decision {
  return decide(error, details, POLL, now, () => random);
}

/** Decisions on the same error again and again, each at the time when the one before said to come back. */
function* again(error: unknown, first = NOON): Generator<Decision & { readonly at: Date }> {
  let details = NEW;
  let now = first;
  for (;;) {
    const decision = decideNow(error, details, now, 0);
    yield { ...decision, at: now };
    if (decision.kind === 'fail') return;
    details = readHeartbeat(JSON.parse(JSON.stringify(decision.details)));
    now = new Date(now.getTime() + decision.delayMilliseconds);
  }
}

function delays(error: unknown, count: number): number[] {
  const found: number[] = [];
  for (const decision of again(error)) {
    if (decision.kind === 'fail' || found.push(decision.delayMilliseconds) === count) break;
  }
  return found;
}

function s3Error(name: string, httpStatusCode: number): S3ServiceException {
  return new S3ServiceException({ name, $fault: 'server', $metadata: { httpStatusCode }, message: 'S3 says so' });
}

describe('what fails for good', () => {
  it.each<[string, unknown, string]>([
    ['what nothing will help', new RunFailure('WindowFailed', 'cannot be exported'), 'WindowFailed'],
    ['a plan that is gone', new RunFailure('PlanLost', 'gone'), 'PlanLost'],
    ['a refusal of Marketo', new MarketoError('609', { endpoint: 'create' }), 'MarketoRefused'],
    ['a refusal of access', new MarketoError('603', { endpoint: 'create' }), 'MarketoAccess'],
    ['fields that are not exported any more', marketo('invalidFields'), 'FieldsChanged'],
    ['a job that is gone where nobody knew better', marketo('jobGone'), 'MarketoRefused'],
    ['a token that is refused again', new MarketoError('601', { endpoint: 'create' }), 'MarketoRefused'],
    ['S3 that refuses access', s3Error('AccessDenied', 403), 'StorageAccess'],
    ['a bucket that is not there', new BucketError('NoSuchBucket', 'the bucket b does not exist'), 'StorageAccess'],
    ['S3 that refuses a request', s3Error('BadDigest', 400), 'StorageRefused'],
  ])('is %s', (_, error, type) => {
    expect(decideNow(error)).toMatchObject({ kind: 'fail', type });
  });

  it('never comes of an action that only asks for patience', () => {
    for (const { code, action } of MARKETO_ERRORS) {
      const kind = decideNow(new MarketoError(code, { endpoint: 'status' })).kind;
      const patient = ['retry', 'retryBounded', 'queueFull', 'waitForExportQuota', 'waitForCallQuota'].includes(action);
      expect([code, kind]).toEqual([code, patient ? 'retry' : 'fail']);
    }
  });
});

describe('a transient error', () => {
  it('is tried again after 1, 2, 4 … and at most 60 seconds', () => {
    expect(delays(marketo('retry'), 9)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1000));
    expect(delays(s3Error('SlowDown', 503), 3)).toEqual([1000, 2000, 4000]);
    expect(delays(Object.assign(new Error('reset'), { code: 'ECONNRESET' }), 2)).toEqual([1000, 2000]);
  });

  it('is spread by chance over as much again', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 100 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (failures, random) => {
          const decision = decideNow(marketo('retry'), { ...NEW, failures }, NOON, random);
          const least = Math.min(2 ** failures, 60) * 1000;
          expect(decision).toMatchObject({ kind: 'retry' });
          if (decision.kind !== 'retry') return;
          expect(decision.delayMilliseconds).toBeGreaterThanOrEqual(least);
          expect(decision.delayMilliseconds).toBeLessThanOrEqual(2 * least);
        },
      ),
    );
  });

  it('is not tried before Retry-After', () => {
    expect(decideNow(marketo('retry', { retryAfterSeconds: 100 }))).toMatchObject({ delayMilliseconds: 100_000 });
    expect(decideNow(new MarketoError('606', { endpoint: 'status' }))).toMatchObject({ delayMilliseconds: 20_000 });
  });

  it('is borne without end', () => {
    const details = { ...NEW, failures: 100_000, failingSince: 0 };
    for (const error of [marketo('retry'), s3Error('InternalError', 500)]) {
      expect(decideNow(error, details).kind).toBe('retry');
    }
  });

  it('is told from the third time in a row, as one wait with one beginning', () => {
    const waits: unknown[] = [];
    for (const decision of again(marketo('retry'))) {
      if (decision.kind === 'retry') waits.push(decision.details.wait?.since);
      if (waits.length === 5) break;
    }
    const third = new Date(NOON.getTime() + 3000).toISOString();
    expect(waits).toEqual([undefined, undefined, third, third, third]);
  });

  it('is told as what is not available', () => {
    const details = { ...NEW, failures: 2 };
    expect(decideNow(marketo('retry'), details)).toMatchObject({ details: { wait: { reason: 'marketoUnavailable' } } });
    expect(decideNow(s3Error('SlowDown', 503), details)).toMatchObject({
      details: { wait: { reason: 'storageUnavailable' } },
    });
  });

  it('is a converter that died, or that this worker lacks', () => {
    for (const error of [new ConverterError('died'), new ConverterMissingError('not here')]) {
      expect(decideNow(error, { ...NEW, failures: 10 })).toMatchObject({
        kind: 'retry',
        details: { wait: { reason: 'parquetUnavailable' } },
      });
    }
  });
});

describe('an error that is not known to pass', () => {
  it.each<[string, unknown]>([['of Marketo', marketo('retryBounded')]])(
    '%s is borne for 24 hours and then fails',
    (_, error) => {
      let last: (Decision & { readonly at: Date }) | undefined;
      let retries = 0;
      for (last of again(error)) if (last.kind === 'retry') retries++;
      expect(last).toMatchObject({
        kind: 'fail',
        type: 'MarketoRefused',
        message: expect.stringMatching(/^For 24 hours: /),
      });
      const borne = (last?.at.getTime() ?? 0) - NOON.getTime();
      expect(borne).toBeGreaterThan(24 * HOUR);
      expect(borne).toBeLessThan(24 * HOUR + 2 * MINUTE);
      expect(retries).toBeGreaterThan(1000);
    },
  );

  it('is borne anew once Marketo has answered as it should', () => {
    const failing = decideNow(marketo('retryBounded'));
    if (failing.kind !== 'retry') throw new Error('It should be borne');
    const between = decideNow(new RetryLater(MINUTE, { reason: 'jobQueued', message: 'queued' }), failing.details);
    if (between.kind !== 'retry') throw new Error('It should be borne');
    expect(between.details.failingSince).toBeUndefined();
    const aDayLater = new Date(NOON.getTime() + 25 * HOUR);
    expect(decideNow(marketo('retryBounded'), between.details, aDayLater).kind).toBe('retry');
  });
});

describe('an answer of a wrong shape', () => {
  const odd = MarketoError.unexpectedShape('status', 'the answer is wrong at result');

  it('is borne for an hour in a row: it will not mend itself', () => {
    const decisions = [...again(odd)];
    expect(decisions.at(-1)).toMatchObject({
      kind: 'fail',
      type: 'MarketoRefused',
      message: expect.stringMatching(/^For an hour: /),
    });
    const borne = (decisions.at(-1)?.at.getTime() ?? 0) - NOON.getTime();
    expect(borne).toBeGreaterThan(HOUR);
    expect(borne).toBeLessThan(HOUR + 2 * MINUTE);
  });

  it('is borne anew after any other answer', () => {
    const details = { ...NEW, oddShapeSince: NOON.getTime() - 2 * HOUR };
    for (const between of [marketo('retry'), marketo('queueFull'), new RetryLater(1, WAIT)]) {
      const decision = decideNow(between, details);
      if (decision.kind === 'fail') throw new Error('It should be borne');
      expect(decideNow(odd, decision.details).kind).toBe('retry');
    }
  });
});

describe('an error that nobody foresaw', () => {
  it.each<[string, unknown]>([
    ['of whatever kind', new RangeError('out of range')],
    ['that is none', 'text'],
  ])('%s is tried three times, and then told as a bug of ours', (_, error) => {
    const decisions = [...again(error)];
    expect(decisions.map(({ kind }) => kind)).toEqual(['retry', 'retry', 'fail']);
    expect(decisions.at(-1)).toMatchObject({
      type: 'Unexpected',
      message: expect.stringMatching(/^A bug of marketo-/),
    });
  });

  it('says where it came from, and nothing that its message may hold of a person', () => {
    const { message, unexpected } = decideNow(new TypeError('cannot read ada@example.com'));
    expect(message).toBe('A bug of marketo-lead-extract: TypeError: cannot read <address>');
    expect(unexpected).toMatch(/^A bug of .*: TypeError: cannot read <address>\n\s+at /);
    expect(unexpected).not.toContain('ada@example.com');
  });
});

describe('a full queue', () => {
  it('backs off from where it was, whatever was answered in between', () => {
    const details = { ...NEW, fullQueues: 2 };
    for (const between of [marketo('retry'), marketo('waitForExportQuota'), new RetryLater(1, WAIT)]) {
      const decision = decideNow(between, details);
      if (decision.kind === 'fail') throw new Error('It should be borne');
      expect(decideNow(marketo('queueFull'), decision.details)).toMatchObject({ delayMilliseconds: 4 * MINUTE });
    }
  });

  it('is tried again after 1, 2, 4, 4 … minutes', () => {
    expect(delays(marketo('queueFull'), 5)).toEqual([1, 2, 4, 4, 4].map((minutes) => minutes * MINUTE));
  });

  it('is told as what is waited for, from the first time on', () => {
    expect(decideNow(marketo('queueFull'))).toMatchObject({
      message: 'Waiting for a place in the export queue of the instance',
      details: { failures: 0, fullQueues: 1, wait: { reason: 'queueFull', since: NOON.toISOString() } },
    });
  });
});

describe('a quota that is used up', () => {
  it.each<[ErrorAction, string]>([
    ['waitForExportQuota', 'exportQuota'],
    ['waitForCallQuota', 'callQuota'],
  ])('of %s is waited for until the next midnight Central', (action, reason) => {
    const until = '2024-01-21T06:02:30.000Z';
    expect(decideNow(marketo(action))).toMatchObject({
      kind: 'retry',
      delayMilliseconds: 12 * HOUR + 2.5 * MINUTE,
      message: expect.stringContaining(`until ${until}`),
      details: { wait: { reason, until, since: NOON.toISOString() } },
    });
  });

  it('is tried for every quarter of an hour just after midnight', () => {
    expect(decideNow(marketo('waitForExportQuota'), NEW, new Date('2024-01-20T06:10:00Z'))).toMatchObject({
      delayMilliseconds: 15 * MINUTE,
    });
  });
});

describe('what the next attempt is left', () => {
  it('holds what the activity keeps, whatever happens', () => {
    const kept = { exportId: 'e', lostCreates: 2 };
    const errors = [marketo('retry'), marketo('queueFull'), marketo('waitForExportQuota'), marketo('retryBounded')];
    for (const error of [...errors, new RetryLater(1, { reason: 'jobQueued', message: 'queued' })]) {
      expect(decideNow(error, { ...NEW, ...kept })).toMatchObject({ details: kept });
    }
  });

  it('keeps the beginning of a wait as long as its reason is the same', () => {
    const since = '2024-01-19T00:00:00.000Z';
    const details: HeartbeatDetails = { ...NEW, wait: { reason: 'queueFull', message: 'full', since } };
    expect(decideNow(marketo('queueFull'), details)).toMatchObject({ details: { wait: { since } } });
    expect(decideNow(marketo('waitForExportQuota'), details)).toMatchObject({
      details: { wait: { since: NOON.toISOString() } },
    });
  });
});

describe('what is news', () => {
  const wait = { reason: 'queueFull', message: 'full', since: '2024-01-19T00:00:00.000Z' } as const;

  it('is a first wait, another reason, another deadline or another message', () => {
    expect(isNews(wait, undefined)).toBe(true);
    expect(isNews(wait, { ...wait, reason: 'exportQuota' })).toBe(true);
    expect(isNews(wait, { ...wait, until: '2024-01-21T06:00:00Z' })).toBe(true);
    expect(isNews(wait, { ...wait, message: 'still full' })).toBe(true);
  });

  it('is not the same again, nor that a job is queued at first', () => {
    expect(isNews(wait, { ...wait })).toBe(false);
    expect(isNews({ ...wait, reason: 'jobQueued' }, undefined)).toBe(false);
  });
});

describe('backoffMilliseconds', () => {
  it('doubles from the first interval up to the longest', () => {
    expect([0, 1, 2, 3, 1000].map((times) => backoffMilliseconds(POLL, times) / MINUTE)).toEqual([1, 2, 4, 4, 4]);
  });
});
