import { DAY_MILLISECONDS } from '../contract/limits.js';
import { formatOf } from '../contract/format.js';
import type { Manifest } from '../contract/manifest.js';
import type { Quoting } from '../contract/quoting.js';
import type { OutputNames } from '../parts/output-names.js';
import type { FoundBase } from '../plan/draft-update.js';
import type { ObjectStore } from '../storage/object-store.js';
import { headObject } from '../storage/objects.js';
import { moment } from '../text/format.js';
import { readManifest } from './manifest-file.js';
import { readOutputIds } from './output-ids.js';

/** Marketo keeps deletions for 14 days (Adobe: Get Deleted Leads): an update must begin before. */
const GONE_DAYS = 13;

/** What an output must be to be the base of an update. */
export interface BaseWish {
  readonly instance: string;
  readonly quoting: Quoting;
  /** ETags of object and manifest, as they lie there now. */
  readonly etag: string | null;
  readonly manifestEtag: string | null;
}

/**
 * The output that lies at a destination, if an update can begin with it: written by a run for the same instance, in the same
 * format and quoting, with its id set, and with deletions known up to a time from which on Marketo still tells them.
 */
export async function findBase(
  store: ObjectStore,
  output: OutputNames,
  { instance, quoting, etag, manifestEtag }: BaseWish,
  now: Date,
  signal?: AbortSignal,
): Promise<FoundBase> {
  if (etag === null) return { because: 'there is no output yet' };
  const manifest = manifestEtag === null ? null : await readManifest(store, output, signal);
  if (!manifest || manifestEtag === null)
    return { because: 'the output that is there has no manifest that can be read' };
  const because =
    otherOutput(manifest, { instance, quoting, etag, format: formatOf(output.destination) }) ??
    (await lackOf(store, output, manifest, signal)) ??
    tooOld(manifest, now);
  if (because !== undefined) return { because };
  const { workflowId, runId, startAt, endAt, leads, goneUntil = '', columns } = manifest;
  const base = { workflowId, runId, etag, manifestEtag, startAt, endAt, leads, goneUntil };
  return { base, columns: columns.map(({ name }) => name) };
}

/** What differs between the output that is there and the one that is asked for. */
function otherOutput(
  manifest: Manifest,
  wish: Pick<Manifest, 'instance' | 'quoting' | 'etag' | 'format'>,
): string | undefined {
  if (manifest.etag !== wish.etag)
    return 'the output that is there was written by something else than its manifest tells';
  if (manifest.instance !== wish.instance) return `the output that is there is of ${manifest.instance}`;
  if (manifest.format !== wish.format) return `the output that is there is of the format ${manifest.format}`;
  if (manifest.quoting !== wish.quoting) return `the output that is there has the quoting ${manifest.quoting}`;
  if (manifest.oddQuotes) return 'the output that is there has quotes that are read in more than one way';
  return undefined;
}

async function lackOf(
  store: ObjectStore,
  output: OutputNames,
  manifest: Manifest,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const ids = await readOutputIds(store, output, manifest, signal);
  if (!ids) return 'the id set of the output that is there is missing or damaged';
  ids.dispose();
  if (manifest.format === 'csv') return undefined;
  const csv = manifest.baseCsv && (await headObject(store, output.base, signal));
  return csv && csv.etag === manifest.baseCsv.etag ? undefined : 'the output that is there has no base.csv beside it';
}

function tooOld({ goneUntil }: Manifest, now: Date): string | undefined {
  if (goneUntil === undefined) return 'the output that is there was made without knowing which leads were deleted';
  if (isGoneKnown(goneUntil, now)) return undefined;
  return `deleted leads are known up to ${moment(goneUntil)} only, and Marketo forgets them after 14 days`;
}

/** Whether Marketo still tells of all that was deleted since. */
export function isGoneKnown(since: string, now: Date): boolean {
  return now.getTime() - Date.parse(since) <= GONE_DAYS * DAY_MILLISECONDS;
}
