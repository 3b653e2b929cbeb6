import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RunFailure } from '../../src/contract/failures.js';
import type { Call, MarketoClient } from '../../src/marketo/client.js';
import { oldestFolderDate, type FolderPages } from '../../src/marketo/folders.js';
import { failureOf, marketoFailureOf } from './helpers/failure.js';
import { refusal, ScriptedMarketo, success } from './helpers/scripted-marketo.js';

const OLDEST = '2010-03-27T18:27:45Z+0000';

let marketo: ScriptedMarketo;

beforeEach(async () => {
  marketo = await ScriptedMarketo.start();
});

afterEach(async () => {
  await marketo.stop();
});

let nextId = 1;

/** A folder as documented (Adobe: Folders). */
function folder(createdAt: unknown = '2020-01-01T00:00:00Z+0000', id = nextId++): object {
  return {
    name: 'Marketing Activities',
    createdAt,
    updatedAt: '2010-03-27T18:27:45Z+0000',
    url: null,
    folderId: { id: 14, type: 'Folder' },
    folderType: 'Zone',
    parent: null,
    path: '/Marketing Activities',
    isArchive: false,
    isSystem: true,
    accessZoneId: 1,
    workspace: 'Default',
    id,
  };
}

/** An empty page has no result at all, and its warning is a string. */
const EMPTY = success(undefined, { errors: [], warnings: ['No assets found for the given search criteria.'] });

describe('oldestFolderDate', () => {
  it('finds the oldest top-level folder wherever it is on the page', async () => {
    marketo.willReply(success([folder(), folder(OLDEST), folder('2015-06-01T00:00:00Z')]), EMPTY);
    expect(await oldestFolderDate(marketo.client())).toBe(Date.UTC(2010, 2, 27, 18, 27, 45));
    expect(marketo.requests[0]).toMatchObject({
      method: 'GET',
      path: '/rest/asset/v1/folders.json',
      query: { maxDepth: '1', maxReturn: '200', offset: '0' },
    });
  });

  it('reads all pages, however many folders are on each: the oldest may be on the last', async () => {
    const pages = [200, 20, 20, 4].map((length) => Array.from({ length }, () => folder()));
    for (const page of pages) marketo.willReply(success(page));
    marketo.willReply(success([folder(OLDEST)]), EMPTY);
    expect(await oldestFolderDate(marketo.client())).toBe(Date.UTC(2010, 2, 27, 18, 27, 45));
    expect(marketo.requests.map(({ query }) => query['offset'])).toEqual(['0', '200', '220', '240', '244', '245']);
  });

  it('goes on past folders that came before, as long as there are others', async () => {
    marketo.willReply(
      success([folder('2020-01-01T00:00:00Z', 1)]),
      success([folder('2020-01-01T00:00:00Z', 1), folder(OLDEST)]),
    );
    marketo.willReply(EMPTY);
    expect(await oldestFolderDate(marketo.client())).toBe(Date.UTC(2010, 2, 27, 18, 27, 45));
  });

  it('ends with an error where the pages do not end', async () => {
    const page = [folder(), folder()];
    for (let times = 0; times < 10; times++) marketo.willReply(success(page));
    expect(await failureOf(oldestFolderDate(marketo.client()))).toMatchObject({
      type: 'MarketoRefused',
      message: expect.stringMatching(/do not end: .* Give startAt\.$/),
    });
    expect(marketo.requests).toHaveLength(2);
  });

  it('ends with an error where each page has new folders without end', async () => {
    let calls = 0;
    const client = { call: async () => (calls++, { result: [folder()] }) } as unknown as MarketoClient;
    expect(await failureOf(oldestFolderDate(client))).toMatchObject({
      type: 'MarketoRefused',
      message: expect.stringMatching(/do not end: 500 were read.* Give startAt\.$/),
    });
    expect(calls).toBe(500);
  });

  it('goes on from where an earlier call was: neither the folders before nor the bound are forgotten', async () => {
    marketo.willReply(success([folder(OLDEST), folder()]), success([folder()]), { status: 502, body: '' });
    const read: FolderPages[] = [];
    await marketoFailureOf(oldestFolderDate(marketo.client(), undefined, undefined, (page) => read.push(page)));
    marketo.willReply(EMPTY);
    const again = oldestFolderDate(marketo.client(), undefined, read.at(-1), (page) => read.push(page));
    expect(await again).toBe(Date.UTC(2010, 2, 27, 18, 27, 45));
    expect(marketo.requests.map(({ query }) => query['offset'])).toEqual(['0', '2', '3', '3']);

    expect(await oldestFolderDate(marketo.client(), undefined, read.at(-1))).toBe(await again);
    expect(marketo.requests).toHaveLength(4);
    const endless = { pages: 500, offset: 500, oldest: 0, ended: false };
    expect(await failureOf(oldestFolderDate(marketo.client(), undefined, endless))).toMatchObject({
      type: 'MarketoRefused',
    });
    expect(marketo.requests).toHaveLength(4);
  });

  it('waits for longer than the 300 s that a call of the Asset API may take', async () => {
    const calls: Call[] = [];
    const client = { call: async (call: Call) => (calls.push(call), calls.length === 1 ? { result: [folder()] } : {}) };
    await oldestFolderDate(client as unknown as MarketoClient);
    expect(calls.map(({ timeoutSeconds = 0 }) => timeoutSeconds > 300)).toEqual([true, true]);
  });

  it.each([
    ['a page without a result', EMPTY],
    ['an empty page', success([])],
    ['code 702', refusal('702', 'No data found')],
  ])('takes %s for the end', async (_, end) => {
    marketo.willReply(success([folder(OLDEST)]), end);
    expect(await oldestFolderDate(marketo.client())).toBe(Date.UTC(2010, 2, 27, 18, 27, 45));
    expect(marketo.requests).toHaveLength(2);
  });

  it.each([
    ['a page without a result', EMPTY],
    ['code 702', refusal('702', 'No data found')],
  ])('says what to do where there is no folder: %s', async (_, reply) => {
    marketo.willReply(reply);
    const error = await failureOf(oldestFolderDate(marketo.client()));
    expect(error).toBeInstanceOf(RunFailure);
    expect(error).toMatchObject({ type: 'MarketoAccess', message: expect.stringContaining('startAt') });
  });

  it.each(['a while ago', '', null, undefined, 1269714465])(
    'skips no folder whose date cannot be read, since it might be the oldest, and says what to do: %j',
    async (createdAt) => {
      marketo.willReply(success([folder(), { ...folder('', 77), createdAt }]), EMPTY);
      const error = await failureOf(oldestFolderDate(marketo.client()));
      expect(error).toBeInstanceOf(RunFailure);
      expect(error).toMatchObject({ type: 'MarketoRefused', message: expect.stringMatching(/folder 77.*startAt/) });
    },
  );

  it('reads a date without a zone as GMT', async () => {
    marketo.willReply(success([folder('2010-03-27 18:27:45')]), EMPTY);
    expect(await oldestFolderDate(marketo.client())).toBe(Date.UTC(2010, 2, 27, 18, 27, 45));
  });

  it('fails where the API user may not see folders', async () => {
    marketo.willReply(refusal('603', 'Access denied'));
    expect(await marketoFailureOf(oldestFolderDate(marketo.client()))).toMatchObject({ action: 'fail', access: true });
  });
});
