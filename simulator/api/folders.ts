import { ApiError, success } from '../answers.js';
import { isoSeconds } from '../clock.js';
import type { CatalogOptions } from '../leads/catalog.js';

const DEFAULT_PAGE = 20;
const LARGEST_PAGE = 200;
const FOLDERS = 45;
/** Beyond the first page, where a client that does not page never looks. */
const OLDEST = 33;

/** Top-level folders of the instance, the oldest as old as the instance. An empty page has no result (seen in recorded answers). */
export function folders(query: URLSearchParams, { from }: CatalogOptions): object {
  const number = (name: string, fallback: number): number => {
    const text = query.get(name);
    if (text === null) return fallback;
    if (!/^\d+$/.test(text)) throw new ApiError('1001', `Invalid value '${text}'. Required of type 'Integer'`);
    return Number(text);
  };
  const pageSize = number('maxReturn', DEFAULT_PAGE);
  const offset = number('offset', 0);
  const maxDepth = number('maxDepth', 2);
  if (pageSize > LARGEST_PAGE)
    throw new ApiError('1001', `Invalid value '${pageSize}'. maxReturn is at most ${LARGEST_PAGE}`);
  if (maxDepth === 0) return success({ errors: [], warnings: [], result: [folder(0, from)] });
  const result = Array.from({ length: FOLDERS }, (_, index) => folder(index, from)).slice(offset, offset + pageSize);
  if (result.length === 0) {
    return success({ errors: [], warnings: ['No assets found for the given search criteria.'] });
  }
  return success({ errors: [], warnings: [], result });
}

function folder(index: number, from: number): object {
  const id = 14 + index;
  const createdAt = isoSeconds(from + (index === OLDEST ? 0 : (index + 1) * 86_400_000 * 3)).replace('Z', 'Z+0000');
  return {
    name: index === OLDEST ? 'Lead Database' : `Folder ${index}`,
    description: null,
    createdAt,
    updatedAt: createdAt,
    url: null,
    folderId: { id, type: index % 2 === 0 ? 'Folder' : 'FOLDER' },
    folderType: 'Zone',
    parent: null,
    path: `/Folder ${index}`,
    isArchive: false,
    isSystem: index === OLDEST,
    accessZoneId: 1,
    workspace: 'Default',
    id,
  };
}
