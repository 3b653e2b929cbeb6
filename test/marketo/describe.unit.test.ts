import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { describeFields, exportableFields } from '../../src/marketo/describe.js';
import { marketoFailureOf } from './helpers/failure.js';
import { refusal, ScriptedMarketo, success, type Reply } from './helpers/scripted-marketo.js';

let marketo: ScriptedMarketo;

beforeEach(async () => {
  marketo = await ScriptedMarketo.start();
});

afterEach(async () => {
  await marketo.stop();
});

/** An answer of Describe Lead 2 as documented (Adobe: Describe Lead 2). */
function described(...names: unknown[]): object[] {
  return [
    {
      name: 'API Lead',
      searchableFields: [['email']],
      fields: names.map((name) => ({
        name,
        displayName: 'A field',
        dataType: 'string',
        updateable: true,
        crmManaged: false,
      })),
    },
  ];
}

/** An answer of Describe as documented (Adobe: Leads, Describe); `null` for a field that only SOAP knows. */
function describedBefore(...names: (string | null)[]): Reply {
  return success(
    names.map((name, id) => ({
      id,
      displayName: 'A field',
      dataType: 'string',
      length: 255,
      ...(name !== null && { rest: { name, readOnly: false } }),
      soap: { name: 'AField', readOnly: false },
    })),
  );
}

const REFUSED = refusal('610', 'Requested resource not found');

describe('describeFields', () => {
  it('gives names, types, labels and lengths', async () => {
    const fields = [
      { name: 'id', displayName: 'Id', dataType: 'integer', updateable: false },
      { name: 'email', displayName: 'Email\nAddress', dataType: 'email', length: 255 },
    ];
    marketo.willReply(success([{ name: 'API Lead', fields }]), REFUSED);
    expect(await describeFields(marketo.client())).toEqual([
      { name: 'id', displayName: 'Id', dataType: 'integer' },
      { name: 'email', displayName: 'Email Address', dataType: 'email', length: 255 },
    ]);
  });

  it('adds what Describe has beyond Describe Lead 2, with its type', async () => {
    marketo.willReply(success(described('id', 'email')), describedBefore('email', null, 'ecids', 'id'));
    const fields = await describeFields(marketo.client());
    expect(fields.map(({ name }) => name)).toEqual(['id', 'email', 'ecids']);
    expect(fields[2]).toEqual({ name: 'ecids', displayName: 'A field', dataType: 'string', length: 255 });
    expect(marketo.requests.map(({ path }) => path)).toEqual([
      '/rest/v1/leads/describe2.json',
      '/rest/v1/leads/describe.json',
    ]);
  });

  it('gives the fields of Describe where there is no Describe Lead 2', async () => {
    marketo.willReply(REFUSED, describedBefore('id', 'email'));
    expect((await describeFields(marketo.client())).map(({ name }) => name)).toEqual(['id', 'email']);
  });

  it('fails for the first reason where both are refused, and for what may pass', async () => {
    marketo.willReply(refusal('603', 'Access denied'), REFUSED);
    expect(await marketoFailureOf(describeFields(marketo.client()))).toMatchObject({ code: '603', access: true });
    marketo.willReply(success(described('id')), refusal('608', 'API Temporarily Unavailable'));
    expect(await marketoFailureOf(describeFields(marketo.client()))).toMatchObject({ action: 'retry' });
  });

  it('minds nothing about a field but its name', async () => {
    const odd = { name: 'id', displayName: 7, dataType: null, length: '255' };
    marketo.willReply(success([{ fields: [odd] }]), success([{ rest: { name: '' }, dataType: 'string' }]));
    expect(await describeFields(marketo.client())).toEqual([{ name: 'id', dataType: 'string' }]);
  });
});

describe('exportableFields', () => {
  it('gives the REST names of Describe Lead 2 in its order, with their case', async () => {
    marketo.willReply(success(described('email', 'AccountSource', 'id', 'Active__c')), REFUSED);
    expect(await exportableFields(marketo.client())).toEqual(['email', 'AccountSource', 'id', 'Active__c']);
    expect(marketo.requests[0]).toMatchObject({ method: 'GET', path: '/rest/v1/leads/describe2.json', query: {} });
  });

  it('reads further pages, and gives no name twice', async () => {
    marketo.willReply(
      success(described('id', 'email'), { moreResult: true, nextPageToken: 'the=next' }),
      success(described('email', 'city'), { moreResult: false }),
      REFUSED,
    );
    expect(await exportableFields(marketo.client())).toEqual(['id', 'email', 'city']);
    expect(marketo.requests.map(({ query }) => query)).toEqual([{}, { nextPageToken: 'the=next' }, {}]);
  });

  it.each([
    ['are said to be more but cannot be asked for', [{ moreResult: true }]],
    ['do not end', [{ nextPageToken: 'again' }, { nextPageToken: 'again' }]],
  ])('fails where pages %s, instead of leaving fields out', async (_, answers) => {
    for (const more of answers) marketo.willReply(success(described('id'), more));
    expect(await marketoFailureOf(exportableFields(marketo.client()))).toMatchObject({ code: 'UNEXPECTED_SHAPE' });
  });

  it.each([
    ['without the field id', described('email')],
    ['without a result', undefined],
    ['with an empty result', []],
    ['with a field without a name', described('id', undefined)],
    ['with an empty name', described('id', '')],
    ['without fields', [{ name: 'API Lead' }]],
  ])('fails with an answer %s', async (_, result) => {
    marketo.willReply(success(result), REFUSED);
    expect(await marketoFailureOf(exportableFields(marketo.client()))).toMatchObject({
      code: 'UNEXPECTED_SHAPE',
      endpoint: 'describe',
      action: 'retryBounded',
    });
  });
});
