import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { exportableFields } from '../../src/marketo/describe.js';
import { marketoFailureOf } from './helpers/failure.js';
import { ScriptedMarketo, success } from './helpers/scripted-marketo.js';

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

describe('exportableFields', () => {
  it('gives the REST names of Describe Lead 2 in its order, with their case', async () => {
    marketo.willReply(success(described('email', 'AccountSource', 'id', 'Active__c')));
    expect(await exportableFields(marketo.client())).toEqual(['email', 'AccountSource', 'id', 'Active__c']);
    expect(marketo.requests).toMatchObject([{ method: 'GET', path: '/rest/v1/leads/describe2.json', query: {} }]);
  });

  it('reads further pages, and gives no name twice', async () => {
    marketo.willReply(
      success(described('id', 'email'), { moreResult: true, nextPageToken: 'the=next' }),
      success(described('email', 'city'), { moreResult: false }),
    );
    expect(await exportableFields(marketo.client())).toEqual(['id', 'email', 'city']);
    expect(marketo.requests.map(({ query }) => query)).toEqual([{}, { nextPageToken: 'the=next' }]);
  });

  it.each([
    ['are said to be more but cannot be asked for', [{ moreResult: true }]],
    ['do not end', [{ nextPageToken: 'again' }, { nextPageToken: 'again' }]],
  ])('fails where pages %s, instead of leaving fields out', async (_, answers) => {
    for (const more of answers) marketo.willReply(success(described('id'), more));
    expect(await marketoFailureOf(exportableFields(marketo.client()))).toMatchObject({ code: 'INVALID_BODY' });
  });

  it.each([
    ['without the field id', described('email')],
    ['without a result', undefined],
    ['with an empty result', []],
    ['with a field without a name', described('id', undefined)],
    ['with an empty name', described('id', '')],
    ['without fields', [{ name: 'API Lead' }]],
  ])('fails with an answer %s', async (_, result) => {
    marketo.willReply(success(result));
    expect(await marketoFailureOf(exportableFields(marketo.client()))).toMatchObject({
      code: 'INVALID_BODY',
      endpoint: 'describe',
      action: 'retryBounded',
    });
  });
});
