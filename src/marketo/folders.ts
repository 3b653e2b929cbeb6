import { z } from 'zod';
import { RunFailure } from '../contract/failures.js';
import type { MarketoClient } from './client.js';
import { parseMarketoDate } from './marketo-date.js';
import { MarketoError } from './marketo-errors.js';

/** Folders on a page, the most that Marketo gives; it gives 20 where nothing is said, and may always give fewer (Adobe: Folders). */
const PAGE = 200;

/** Calls of the Asset API may take 300 s (Adobe: Asset API); some more, so that Marketo is the one to give up. */
const ASSET_TIMEOUT_SECONDS = 310;

const pageSchema = z
  .object({
    result: z.array(z.looseObject({ id: z.union([z.int(), z.string()]), createdAt: z.unknown().optional() })).nullish(),
    warnings: z.array(z.unknown()).catch([]),
  })
  // An empty page has no result at all, but says that nothing was found. One that says nothing may stand for any number.
  .refine(({ result, warnings }) => result || warnings.length > 0, { path: ['result'], message: 'missing' });

/** Pages that are read: ten thousand folders where Marketo gives as few as by default; more of them at the top are no folders. */
const MAX_PAGES = 500;

/** How far the pages of folders were read, for a call that goes on from there. */
export interface FolderPages {
  readonly pages: number;
  readonly offset: number;
  /** Of the folders on these pages, in milliseconds since 1970. */
  readonly oldest?: number | undefined;
  /** The empty page came. */
  readonly ended: boolean;
}

/**
 * When the oldest top-level folder was created, in milliseconds since 1970. All pages are read, to the empty one: neither
 * their order nor their size is documented.
 *
 * @param read what was read before, and is not asked for again
 * @param onPage told after each page
 * @throws RunFailure where the API user sees no folder, where one of its dates cannot be read, since it might be the oldest, and
 * where the pages do not end
 * @throws MarketoError
 */
export async function oldestFolderDate(
  client: MarketoClient,
  signal?: AbortSignal,
  read: FolderPages = { pages: 0, offset: 0, ended: false },
  onPage: (read: FolderPages) => void = () => undefined,
): Promise<number> {
  const seen = new Set<string | number>();
  let { pages, offset, ended, oldest = Infinity } = read;
  while (!ended) {
    if (pages >= MAX_PAGES) throw unknown(`Marketo's pages of folders do not end: ${pages} were read`);
    const folders = await page(client, offset, signal);
    if (folders.length > 0 && folders.every(({ id }) => seen.has(id))) {
      throw unknown(
        `Marketo's pages of folders do not end: the one at offset ${offset} holds only folders that came before`,
      );
    }
    for (const { id, createdAt } of folders) {
      seen.add(id);
      oldest = Math.min(oldest, dateOf(id, createdAt));
    }
    pages++;
    offset += folders.length;
    ended = folders.length === 0;
    onPage({ pages, offset, ended, ...(oldest < Infinity && { oldest }) });
  }
  if (oldest === Infinity) {
    throw new RunFailure(
      'MarketoAccess',
      'The API user sees no folder, so the oldest possible date is unknown. Give its role Read-Only Assets, or give startAt.',
    );
  }
  return oldest;
}

function dateOf(id: string | number, createdAt: unknown): number {
  const date = parseMarketoDate(createdAt);
  if (date !== undefined) return date;
  throw unknown(`Marketo tells no date that can be read for the folder ${JSON.stringify(id).slice(0, 40)}`);
}

/** Another call would be answered the same. */
function unknown(why: string): RunFailure {
  return new RunFailure('MarketoRefused', `${why}, so the oldest possible date is unknown. Give startAt.`);
}

async function page(
  client: MarketoClient,
  offset: number,
  signal: AbortSignal | undefined,
): Promise<NonNullable<z.output<typeof pageSchema>['result']>> {
  try {
    const { result } = await client.call(
      {
        endpoint: 'folders',
        method: 'GET',
        path: 'rest/asset/v1/folders.json',
        query: { maxDepth: 1, maxReturn: PAGE, offset },
        timeoutSeconds: ASSET_TIMEOUT_SECONDS,
        signal,
      },
      pageSchema,
    );
    return result ?? [];
  } catch (error) {
    // Some empty searches answer 702 instead of an empty page (Adobe: Error Codes).
    if (error instanceof MarketoError && error.code === '702') return [];
    throw error;
  }
}
