import { z } from 'zod';
import type { MarketoClient } from './client.js';
import { parseMarketoDate } from './marketo-date.js';
import { MarketoError } from './marketo-errors.js';

/** Folders on a page, the most that Marketo gives; it gives 20 where nothing is said (Adobe: Folders). */
const PAGE = 200;

const pageSchema = z.object({
  // An empty page has no result at all.
  result: z.array(z.looseObject({ createdAt: z.string() })).nullish(),
});

/** The API user sees no folder. */
export class NoFoldersError extends Error {
  override readonly name = 'NoFoldersError';
}

/**
 * When the oldest top-level folder was created, in milliseconds since 1970. Some of these folders come with the instance, so
 * no lead can be older (the recipe). All pages are read: the order of folders is not documented.
 *
 * @throws NoFoldersError, UnreadableDateError, MarketoError
 */
export async function oldestFolderDate(client: MarketoClient, signal?: AbortSignal): Promise<number> {
  let oldest = Infinity;
  for (let offset = 0; ; offset += PAGE) {
    const result = await page(client, offset, signal);
    for (const { createdAt } of result) oldest = Math.min(oldest, parseMarketoDate(createdAt));
    if (result.length < PAGE) break;
  }
  if (oldest === Infinity) {
    throw new NoFoldersError(
      'The API user sees no folder, so the oldest possible date is unknown. Give its role Read-Only Assets, or give startAt.',
    );
  }
  return oldest;
}

async function page(
  client: MarketoClient,
  offset: number,
  signal: AbortSignal | undefined,
): Promise<readonly { readonly createdAt: string }[]> {
  const query = { maxDepth: 1, maxReturn: PAGE, offset };
  const call = { endpoint: 'folders', method: 'GET', path: 'rest/asset/v1/folders.json', query, signal } as const;
  try {
    const { result } = await client.call(call, pageSchema);
    return result ?? [];
  } catch (error) {
    // Some empty searches answer 702 instead of an empty page (Adobe: Error Codes).
    if (error instanceof MarketoError && error.code === '702') return [];
    throw error;
  }
}
