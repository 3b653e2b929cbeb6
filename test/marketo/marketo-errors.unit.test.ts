import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { classifyErrors } from '../../src/marketo/classify.js';
import { cleanText } from '../../src/marketo/clean-text.js';
import { MARKETO_ERRORS, MarketoError, type ErrorAction } from '../../src/marketo/marketo-errors.js';
import { expectNoSecrets } from './helpers/failure.js';
import { TOKEN } from './helpers/scripted-marketo.js';

/** What each code must lead to, written down apart from the table: a slip in the table loses data or hammers Marketo. */
const ACTIONS: Readonly<Record<ErrorAction, readonly string[]>> = {
  refreshToken: ['600', '601', '602'],
  retry: [
    ...['604', '606', '608', '615', '713', '719'],
    ...['HTTP 408', 'HTTP 429', 'HTTP 502', 'HTTP 503', 'HTTP 504', 'NETWORK'],
  ],
  retryBounded: ['611', '614', 'HTTP 500', 'INVALID_BODY', 'UNEXPECTED_SHAPE'],
  queueFull: ['1029'],
  alreadyQueued: [],
  waitForExportQuota: [],
  waitForCallQuota: ['607'],
  jobGone: ['1013', 'HTTP 416', 'WRONG_LENGTH'],
  invalidFields: ['1006'],
  fail: [
    ...['603', '605', '609', '610', '612', '613', '616', '701', '702', '703', '704', '709'],
    ...['710', '711', '712', '714', '718', '1004', '1005', '1007', '1009', '1010', '1011', '1012', '1014', '1015'],
    ...['1016', '1017', '1018', '1019', '1020', '1021', '1022', '1025', '1026', '1027', '1028', '1036', '1037', '1042'],
    ...['1048', '1049', '1076', '1077', '1078', '1079', '1080'],
    ...['1001', '1002', '1003', '1008', '1035', 'HTTP 401', 'HTTP 403', 'HTTP 404', 'HTTP 413', 'HTTP 414'],
  ],
};

function classify(code: string, message = '', endpoint = 'enqueue'): MarketoError {
  return classifyErrors([{ code, message }], endpoint, 'e42b#14272d07d78');
}

describe('the table of errors', () => {
  it('has each code once', () => {
    const codes = MARKETO_ERRORS.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it.each(Object.entries(ACTIONS))('leads to %s for the codes it should, and no other', (action, codes) => {
    const inTable = MARKETO_ERRORS.filter((row) => row.action === action).map(({ code }) => code);
    expect(inTable.sort()).toEqual([...codes].sort());
  });

  it('says what to do about every error that ends a run', () => {
    for (const { code, action, remedy } of MARKETO_ERRORS) {
      if (action === 'fail' || action === 'invalidFields') expect([code, remedy]).toEqual([code, expect.any(String)]);
    }
  });

  it.each(MARKETO_ERRORS.filter(({ code }) => /^\d+$/.test(code)))('is what an answer with code $code means', (row) => {
    const error = classify(row.code);
    expect(error).toMatchObject({
      code: row.code,
      action: row.action,
      access: row.access ?? false,
      retryAfterSeconds: row.waitSeconds,
      outcomeUnknown: row.outcomeUnknown ?? false,
      invalidFields: [],
    });
  });

  it('waits twenty seconds at least where the rate limit was exceeded', () => {
    expect(classify('606').retryAfterSeconds).toBe(20);
  });

  it('tells that a request may have been acted upon where the answer was lost', () => {
    const unknown = MARKETO_ERRORS.filter((row) => row.outcomeUnknown === true).map(({ code }) => code);
    const http = ['HTTP 408', 'HTTP 500', 'HTTP 502', 'HTTP 503', 'HTTP 504'];
    expect(unknown.sort()).toEqual(['604', '611', ...http, 'INVALID_BODY', 'NETWORK', 'UNEXPECTED_SHAPE'].sort());
    expect(new MarketoError('HTTP 520', { endpoint: 'create' }).outcomeUnknown).toBe(true);
  });

  it.each(['599', '617', '699', '9999', 'nonsense'])('retries %s, which it does not know, for a day', (code) => {
    expect(classify(code).action).toBe('retryBounded');
  });

  it.each(['700', '799', '1000', '1099', '1999'])('fails at once with %s, which blames the request', (code) => {
    expect(classify(code).action).toBe('fail');
  });

  it('tells of access only where it is refused for good', () => {
    expect(new MarketoError('HTTP 401', { endpoint: 'status' }).access).toBe(true);
    expect(new MarketoError('HTTP 401', { endpoint: 'status', action: 'retryBounded' }).access).toBe(false);
  });

  it('retries a HTTP status that it does not know for a day, unless the request was wrong', () => {
    expect(new MarketoError('HTTP 302', { endpoint: 'status' }).action).toBe('fail');
    expect(new MarketoError('HTTP 520', { endpoint: 'status' }).action).toBe('retryBounded');
    expect(new MarketoError('HTTP 400', { endpoint: 'status' }).action).toBe('fail');
  });

  it('takes a status of a gateway in a body for that status', () => {
    expect(classify('502')).toMatchObject({ code: 'HTTP 502', action: 'retry', outcomeUnknown: true });
    expect(classify('413')).toMatchObject({ code: 'HTTP 413', action: 'fail', outcomeUnknown: false });
  });
});

describe('the three meanings of 1029', () => {
  it.each([
    ['Too many jobs in queue', 'queueFull'],
    ['Too many jobs (10) in queue', 'queueFull'],
    ['TOO MANY JOBS IN QUEUE', 'queueFull'],
    ['Export daily quota exceeded', 'waitForExportQuota'],
    ['Export daily quota 500MB exceeded.', 'waitForExportQuota'],
    ['export DAILY QUOTA 2000MB already exceeded', 'waitForExportQuota'],
    ['Job already queued', 'alreadyQueued'],
    ['job Already Queued.', 'alreadyQueued'],
    ['Something that Adobe has not written yet', 'queueFull'],
    ['', 'queueFull'],
  ])('%j on enqueue: %s', (message, action) => {
    expect(classify('1029', message, 'enqueue').action).toBe(action);
  });

  it('tells quota from a full queue on create as well, where nothing can be queued already', () => {
    expect(classify('1029', 'Export daily quota exceeded', 'create').action).toBe('waitForExportQuota');
    expect(classify('1029', 'Too many jobs in queue', 'create').action).toBe('queueFull');
    expect(classify('1029', 'Job already queued', 'create').action).toBe('queueFull');
  });
});

describe('refused fields', () => {
  it.each([
    ['1003', 'Invalid fields [site, billingStreet]', ['site', 'billingStreet']],
    ['1003', 'invalid field [site]', ['site']],
    ['1003', 'Invalid fields [ a ,, b,a ]', ['a', 'b']],
    ['1003', 'Invalid fields: [site, billingStreet]', ['site', 'billingStreet']],
    ['1003', 'Invalid fields: site, billingStreet.', ['site', 'billingStreet']],
    ['1003', 'Invalid fields ["site", “billingStreet”]', ['site', 'billingStreet']],
    ['1003', 'Invalid fields [site, billingStreet, bil', ['site', 'billingStreet', 'bil']],
    ['1006', "Field 'Active__c' not found", ['Active__c']],
    ['1006', 'Field "Active__c" not found', ['Active__c']],
    ['1006', 'Field ‘Active__c’ not found', ['Active__c']],
    ['1006', "Field ‘Active__c' not found", ['Active__c']],
  ])('are read from %s %j', (code, message, invalidFields) => {
    expect(classify(code, message, 'create')).toMatchObject({ code, action: 'invalidFields', invalidFields });
  });

  it('are gathered from all entries of an answer', () => {
    const errors = ['a', 'b'].map((name) => ({ code: '1006', message: `Field '${name}' not found` }));
    expect(classifyErrors(errors, 'create', undefined).invalidFields).toEqual(['a', 'b']);
  });

  it.each([
    ...['Invalid filter', 'Invalid fields []', 'Invalid fields [', 'Too many results match the filter'],
    ...['Invalid fields in the request', 'Invalid fields: see the log of the server', 'The field was not found'],
  ])('are not made up from %j', (message) => {
    expect(classify('1003', message, 'create')).toMatchObject({ action: 'fail', invalidFields: [] });
  });
});

describe('the message of an error', () => {
  it('says what happened, where, the request to quote to Marketo, and what to do', () => {
    const error = classify('603', 'Access denied', 'folders');
    expect(error.message).toMatch(
      /^Marketo 603 \(folders, request e42b#14272d07d78\): Access denied\. Give the API user/,
    );
    expect(error).toMatchObject({ endpoint: 'folders', requestId: 'e42b#14272d07d78', access: true });
  });

  it('shows the documented meaning where Marketo says nothing', () => {
    expect(classify('713').message).toBe('Marketo 713 (enqueue, request e42b#14272d07d78): Transient error.');
  });

  it('shows text from outside without addresses and tokens, on one line', () => {
    const text = `Lead ada.lovelace@example.com\nrefused ${TOKEN} and Bearer abc.def, access_token=s3cret&x=1`;
    const { message } = classify('1001', text);
    expect(message).toContain('Lead <address> refused <token> and <token> access_token=<hidden>&x=1.');
  });

  it('cuts text from outside', () => {
    expect(classify('1001', 'x'.repeat(100_000)).message.length).toBeLessThan(600);
  });

  it('holds no address or token, whatever Marketo writes', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.emailAddress(),
        fc.string(),
        fc.string({ maxLength: 40 }),
        (before, email, after, code) => {
          const message = `${before} ${email} ${TOKEN}${after}`;
          const error = classifyErrors([{ code, message }], 'create', `${email} ${TOKEN}`);
          expectNoSecrets(error);
          expect(`${error.message} ${String(error.requestId)} ${error.code}`).not.toContain('@');
          expect(error.message).not.toMatch(/[\r\n\0]/);
        },
      ),
    );
  });
});

describe('cleanText', () => {
  it('shows no half of a token where a long text is cut', () => {
    // Addresses shrink to a word, so that the end of what is looked at comes to light.
    const text = `${'ada@example.com'.padEnd(1000, 'x')} `.repeat(4).slice(0, 3980) + ` ${TOKEN}`.repeat(2);
    expect(cleanText(text)).not.toMatch(/[0-9a-f]{8}/);
  });

  it('gives well-formed Unicode without marks that turn text around, also where it cuts', () => {
    expect(cleanText('a\ud800b\u202ec')).toBe('a b c');
    expect(cleanText(`${'x'.repeat(299)}😀`)).toBe('x'.repeat(299));
  });

  it('has a bound, whatever comes', () => {
    for (const unit of ['@', 'a@', ' ', '0'.repeat(8), 'bearer ', 'access_token=', 'x'.repeat(64)]) {
      expect(cleanText(unit.repeat(20_000_000 / unit.length)).length).toBeLessThanOrEqual(300);
    }
  });

  it('changes nothing about an ordinary message', () => {
    const text = "Max rate limit '100' exceeded with in '20' secs";
    expect(cleanText(text)).toBe(text);
  });

  it('never gives more than 300 characters on one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
        const cleaned = cleanText(text);
        expect(cleaned.length).toBeLessThanOrEqual(300);
        expect(cleaned).not.toMatch(/[\r\n\t]|@/);
      }),
    );
  });
});
