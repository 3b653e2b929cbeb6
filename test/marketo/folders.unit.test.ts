import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { UnreadableDateError } from '../../src/marketo/marketo-date.js';
import { NoFoldersError, oldestFolderDate } from '../../src/marketo/folders.js';
import { failureOf, marketoFailureOf } from './helpers/failure.js';
import { refusal, ScriptedMarketo, success, type Reply } from './helpers/scripted-marketo.js';

const OLDEST = '2010-03-27T18:27:45Z+0000';

let marketo: ScriptedMarketo;

beforeEach(async () => {
  marketo = await ScriptedMarketo.start();
});

afterEach(async () => {
  await marketo.stop();
});

/** A folder as documented (Adobe: Folders). */
function folder(createdAt: unknown = '2020-01-01T00:00:00Z+0000'): object {
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
    id: 14,
  };
}

function fullPage(...more: object[]): Reply {
  return success([...Array.from({ length: 200 - more.length }, () => folder()), ...more], { warnings: [], errors: [] });
}

/** An empty page has no result at all, and its warning is a string. */
const EMPTY = success(undefined, { errors: [], warnings: ['No assets found for the given search criteria.'] });

describe('oldestFolderDate', () => {
  it('finds the oldest top-level folder wherever it is on the page', async () => {
    marketo.willReply(success([folder(), folder(OLDEST), folder('2015-06-01T00:00:00Z')]));
    expect(await oldestFolderDate(marketo.client())).toBe(Date.UTC(2010, 2, 27, 18, 27, 45));
    expect(marketo.requests).toMatchObject([
      { method: 'GET', path: '/rest/asset/v1/folders.json', query: { maxDepth: '1', maxReturn: '200', offset: '0' } },
    ]);
  });

  it('reads all pages: the oldest may be on the last', async () => {
    marketo.willReply(fullPage(), fullPage(), success([folder(), folder(OLDEST)]));
    expect(await oldestFolderDate(marketo.client())).toBe(Date.UTC(2010, 2, 27, 18, 27, 45));
    expect(marketo.requests.map(({ query }) => query['offset'])).toEqual(['0', '200', '400']);
  });

  it.each([
    ['a page without a result', EMPTY],
    ['an empty page', success([])],
    ['code 702', refusal('702', 'No data found')],
  ])('takes %s for the end', async (_, end) => {
    marketo.willReply(fullPage(folder(OLDEST)), end);
    expect(await oldestFolderDate(marketo.client())).toBe(Date.UTC(2010, 2, 27, 18, 27, 45));
    expect(marketo.requests).toHaveLength(2);
  });

  it.each([
    ['a page without a result', EMPTY],
    ['code 702', refusal('702', 'No data found')],
  ])('says what to do where there is no folder: %s', async (_, reply) => {
    marketo.willReply(reply);
    const error = await failureOf(oldestFolderDate(marketo.client()));
    expect(error).toBeInstanceOf(NoFoldersError);
    expect(String(error)).toContain('startAt');
  });

  it('skips no folder whose date cannot be read: it might be the oldest', async () => {
    marketo.willReply(success([folder(), folder('a while ago')]));
    expect(await failureOf(oldestFolderDate(marketo.client()))).toBeInstanceOf(UnreadableDateError);
  });

  it.each([[null], [undefined], [1269714465]])(
    'takes a folder created at %p for an invalid answer',
    async (createdAt) => {
      marketo.willReply(success([folder(), { ...folder(), createdAt }]));
      const error = await marketoFailureOf(oldestFolderDate(marketo.client()));
      expect(error.code).toBe('INVALID_BODY');
      expect(error.message).toContain('result.1.createdAt');
    },
  );

  it('fails where the API user may not see folders', async () => {
    marketo.willReply(refusal('603', 'Access denied'));
    expect(await marketoFailureOf(oldestFolderDate(marketo.client()))).toMatchObject({ action: 'fail', access: true });
  });
});
