import { success } from '../answers.js';
import { isoSeconds } from '../clock.js';
import type { Switches } from '../switches.js';
import { integer } from './query.js';

const DEFAULT_PAGE = 20;
const LARGEST_PAGE = 200;
const FOLDERS = 45;
/** Beyond the first page, where a client that does not page never looks. */
const OLDEST = 33;
/** The folders from here on are of the workspace Europe, all of them younger than the oldest. */
const EUROPE = 38;

/** What the folders of an instance depend on. */
interface Instance {
  /** Creation of the instance, milliseconds since 1970. */
  readonly from: number;
  readonly switches: Switches;
  /** The workspace that the API user sees; all of them unless given. */
  readonly workspace: string | undefined;
}

/**
 * Top-level folders of the instance that the API user sees, the oldest as old as the instance. An empty page has no result
 * (seen in recorded answers).
 */
export function folders(query: URLSearchParams, instance: Instance): object {
  const { from, switches } = instance;
  const asked = integer(query, 'maxReturn', DEFAULT_PAGE, LARGEST_PAGE);
  const pageSize = Math.min(asked, switches.folderPageSize);
  const offset = integer(query, 'offset', 0);
  if (integer(query, 'maxDepth', 2) === 0) return page([folder(0, from, switches)]);
  const wanted = query.get('workSpace');
  const all = Array.from({ length: FOLDERS }, (_, index) => folder(index, from, switches)).filter(
    ({ workspace }) => workspace === (instance.workspace ?? workspace) && workspace === (wanted ?? workspace),
  );
  if (switches.foldersIgnoreOffset) return page(all.slice(0, pageSize));
  const start = switches.foldersRepeat && offset > 0 && offset < all.length ? offset - 1 : offset;
  return page(all.slice(start, start + pageSize));
}

function page(result: readonly object[]): object {
  if (result.length > 0) return success({ errors: [], warnings: [], result });
  return success({ errors: [], warnings: ['No assets found for the given search criteria.'] });
}

function folder(
  index: number,
  from: number,
  { folderDates }: Switches,
): { readonly workspace: string; readonly [key: string]: unknown } {
  const id = 14 + index;
  const isOldest = index === OLDEST;
  const createdAt = isoSeconds(from + (isOldest ? 0 : (index + 1) * 86_400_000 * 3)).replace('Z', 'Z+0000');
  const isNull = folderDates === 'allNull' || (folderDates === 'someNull' && !isOldest && index % 3 === 0);
  return {
    name: isOldest ? 'Lead Database' : `Folder ${index}`,
    description: null,
    createdAt: isNull ? null : folderDates === 'noZone' ? createdAt.slice(0, 19) : createdAt,
    updatedAt: createdAt,
    url: null,
    folderId: { id, type: index % 2 === 0 ? 'Folder' : 'FOLDER' },
    folderType: 'Zone',
    parent: null,
    path: `/Folder ${index}`,
    isArchive: false,
    isSystem: isOldest,
    accessZoneId: index < EUROPE ? 1 : 2,
    workspace: index < EUROPE ? 'Default' : 'Europe',
    id,
  };
}
