import { RunFailure } from '../contract/failures.js';
import { defined } from '../contract/defined.js';
import type { MarketoClient } from './client.js';
import { oldestFolderDate, type FolderPages } from './folders.js';
import { MarketoError } from './marketo-errors.js';
import { oldestLeadDate } from './oldest-lead.js';

/** Where the leads of an instance begin, and how that is known. Dates are milliseconds since 1970. */
export interface OldestDate {
  /** The older of the two. */
  readonly milliseconds: number;
  readonly source: 'folders' | 'leads';
  /** Of the oldest top-level folder (the recipe), or of those that could be read. Absent where Marketo refuses to tell of any. */
  readonly folders?: number;
  /** Of the oldest lead among the lowest ids. Absent where there is none, or Marketo refuses to tell. */
  readonly leads?: number;
  /** What was refused, and what that means for the run. */
  readonly warnings: readonly string[];
}

/** What was found so far, for a call that is made again since something went wrong on its way. */
export interface DatesFound {
  readonly folderPages?: FolderPages | undefined;
  /** In milliseconds since 1970. */
  readonly leads?: number | undefined;
}

/** Where what was found is kept: folders may be many pages, each of which may take minutes. */
export interface DateMemory {
  readonly found: DatesFound;
  readonly onFound: (found: DatesFound) => void;
}

/**
 * The oldest date that a lead of the instance can have been created at. Some top-level folders come with the instance; but
 * an instance made from a copy may hold leads that are older than its folders, so the lowest ids are asked for as well, and
 * the older date counts. One of the two is enough where the other is refused. What the memory holds is not asked for.
 *
 * @throws RunFailure or MarketoError, that of the folders, where neither tells; MarketoError for what may pass
 */
export async function oldestDate(
  client: MarketoClient,
  signal?: AbortSignal,
  { found, onFound }: DateMemory = { found: {}, onFound: () => undefined },
): Promise<OldestDate> {
  let { folderPages } = found;
  const folders = await told(() =>
    oldestFolderDate(client, signal, folderPages, (read) => {
      folderPages = read;
      onFound({ ...found, folderPages });
    }),
  );
  const leads = await told(async () => found.leads ?? oldestLeadDate(client, signal));
  onFound({ folderPages, leads: leads.date });
  if (leads.date === undefined && folders.refusal) throw folders.refusal;
  // Folders that were read before the refusal exist all the same.
  const oldestFolder = folders.date ?? folderPages?.oldest ?? Infinity;
  const source = (leads.date ?? Infinity) < oldestFolder ? 'leads' : 'folders';
  const warnings = [
    folders.refusal &&
      (source === 'leads'
        ? `The oldest date is that of the lowest ids alone: ${folders.refusal.message}`
        : `The oldest date is that of the folders that could be read: ${folders.refusal.message}`),
    leads.refusal && `The oldest date is that of the folders alone: ${leads.refusal.message}`,
  ].filter((warning) => warning !== undefined);
  const known = defined({ folders: oldestFolder < Infinity ? oldestFolder : undefined, leads: leads.date });
  return { milliseconds: Math.min(oldestFolder, leads.date ?? Infinity), source, ...known, warnings };
}

/** A date, or why there is none; what may pass is thrown. */
async function told(ask: () => Promise<number | undefined>): Promise<{ date?: number | undefined; refusal?: Error }> {
  try {
    return { date: await ask() };
  } catch (error) {
    if (
      error instanceof RunFailure ||
      (error instanceof MarketoError && ['fail', 'invalidFields'].includes(error.action))
    ) {
      return { refusal: error };
    }
    throw error;
  }
}
