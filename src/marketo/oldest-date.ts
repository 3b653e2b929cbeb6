import { RunFailure } from '../contract/failures.js';
import { defined } from '../contract/defined.js';
import type { MarketoClient } from './client.js';
import { oldestFolderDate } from './folders.js';
import { MarketoError } from './marketo-errors.js';
import { oldestLeadDate } from './oldest-lead.js';

/** Where the leads of an instance begin, and how that is known. Dates are milliseconds since 1970. */
export interface OldestDate {
  /** The older of the two. */
  readonly milliseconds: number;
  readonly source: 'folders' | 'leads';
  /** Of the oldest top-level folder (the recipe). Absent where Marketo refuses to tell. */
  readonly folders?: number;
  /** Of the oldest lead among the lowest ids. Absent where there is none, or Marketo refuses to tell. */
  readonly leads?: number;
  /** What was refused, and what that means for the run. */
  readonly warnings: readonly string[];
}

/**
 * The oldest date that a lead of the instance can have been created at. Some top-level folders come with the instance; but
 * an instance made from a copy may hold leads that are older than its folders, so the lowest ids are asked for as well, and
 * the older date counts. One of the two is enough where the other is refused.
 *
 * @throws RunFailure or MarketoError, that of the folders, where neither tells; MarketoError for what may pass
 */
export async function oldestDate(client: MarketoClient, signal?: AbortSignal): Promise<OldestDate> {
  const folders = await told(() => oldestFolderDate(client, signal));
  const leads = await told(() => oldestLeadDate(client, signal));
  if (leads.date === undefined && folders.refusal) throw folders.refusal;
  const source = (leads.date ?? Infinity) < (folders.date ?? Infinity) ? 'leads' : 'folders';
  const warnings = [
    folders.refusal && `The oldest date is that of the lowest ids alone: ${folders.refusal.message}`,
    leads.refusal && `The oldest date is that of the folders alone: ${leads.refusal.message}`,
  ].filter((warning) => warning !== undefined);
  const milliseconds = Math.min(folders.date ?? Infinity, leads.date ?? Infinity);
  return { milliseconds, source, ...defined({ folders: folders.date, leads: leads.date }), warnings };
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
