import { sha256 } from '../bytes/sha256.js';
import { UTC_SECONDS } from '../contract/dates.js';
import { windowName, type Window } from '../contract/windows.js';
import { formatS3Url, parseS3Url, type ObjectLocation } from '../storage/s3-url.js';

/**
 * Where an output lies, and what lies beside it: everything of `dir/name` is in the one folder `dir/_name/`, which readers of
 * a whole prefix pass over (Hive, Spark and Athena take no names with `_` for data).
 */
export interface OutputNames {
  /** `s3://bucket/dir/name` */
  readonly destination: string;
  readonly object: ObjectLocation;
  /** What is in the output and how that is known. */
  readonly manifest: ObjectLocation;
  /** What its columns are. */
  readonly schema: ObjectLocation;
  /** The manifest as a page for people. */
  readonly report: ObjectLocation;
  /** The ids of all leads in the output: what a run that keeps it current begins with. */
  readonly ids: ObjectLocation;
  /** The output as CSV, uncompressed, where the output itself is not: what the next update begins with. */
  readonly base: ObjectLocation;
  /** `dir/_name/changes/`: what updates changed, where it is kept. */
  readonly changesPrefix: string;
  /** `dir/_name/parts/`: a folder for each workflow id. */
  readonly partsPrefix: string;
}

/** Names of all that a run keeps in S3 beside its output. Parts hold the job in their name, so that two jobs never share one. */
export interface RunNames {
  readonly bucket: string;
  /** `dir/_name/parts/<first 32 hex digits of the SHA-256 of the workflow id>/` */
  readonly prefix: string;
  /** The pinned plan. */
  readonly plan: string;
  /** Upload and expected checksum of the output that is being published. */
  readonly publication: string;
  /** What the output is made of, where S3 cannot just copy the parts: a folder of whole objects, and the record of them. */
  readonly stagedPrefix: string;
  readonly staged: string;
  /** Leads that are gone: how far that is known, their ids, and those of them that were merged away. */
  readonly gone: string;
  readonly goneIds: string;
  readonly goneMergedIds: string;
  /** What the output of an update was made of, and the ids of its leads. */
  readonly merged: string;
  readonly mergedIds: string;
  /** What a full run found of the output that was there. */
  readonly reconciled: string;
}

/** What names a window. */
export type WindowId = Pick<Window, 'startAt' | 'updated'>;

/** Names of one window's objects. */
export interface WindowNames {
  /** The commit record: written last, the only evidence that the part is verified. */
  readonly commit: string;
  /** What every part of this window begins with, whatever its job. */
  readonly partPrefix: string;
}

/** Names of one job's objects. */
export interface PartNames {
  readonly part: string;
  readonly ids: string;
  /** The rows of the part as the output has them, where that is not as they lie in the part. */
  readonly rows: string;
}

/** @throws InvalidS3UrlError */
export function outputNames(destination: string): OutputNames {
  const object = parseS3Url(destination);
  const { bucket, key } = object;
  const nameStart = key.lastIndexOf('/') + 1;
  const folder = `${key.slice(0, nameStart)}_${key.slice(nameStart)}/`;
  return {
    destination,
    object,
    manifest: { bucket, key: `${folder}manifest.json` },
    schema: { bucket, key: `${folder}schema.json` },
    report: { bucket, key: `${folder}report.html` },
    ids: { bucket, key: `${folder}ids` },
    base: { bucket, key: `${folder}base.csv` },
    changesPrefix: `${folder}changes/`,
    partsPrefix: `${folder}parts/`,
  };
}

/** Where an update that ends its range at a moment keeps what it changed. */
export function changesNames(
  { object, changesPrefix }: OutputNames,
  endAt: string,
): { readonly csv: ObjectLocation; readonly gone: ObjectLocation } {
  const named = (end: string): ObjectLocation => ({ bucket: object.bucket, key: `${changesPrefix}${endAt}${end}` });
  return { csv: named('.csv'), gone: named('.gone.csv') };
}

/** Names of what the run of a workflow id keeps beside an output. */
export function runNames({ object, partsPrefix }: OutputNames, workflowId: string): RunNames {
  return inPrefix(object.bucket, `${partsPrefix}${sha256(workflowId).slice(0, 32)}/`);
}

/** The same names from the key of the plan, which is all that a window is told. */
export function runNamesOf({ bucket, key }: ObjectLocation): RunNames {
  return inPrefix(bucket, key.slice(0, key.lastIndexOf('/') + 1));
}

export function windowNames({ prefix }: RunNames, window: WindowId): WindowNames {
  const stem = `${prefix}${windowName(window)}`;
  return { commit: `${stem}.json`, partPrefix: `${stem}-` };
}

export function partNames(run: RunNames, window: WindowId, exportId: string): PartNames {
  const stem = `${windowNames(run, window).partPrefix}${exportId}`;
  return { part: `${stem}.csv`, ids: `${stem}.ids`, rows: `${stem}.rows.csv` };
}

/** The window whose commit record a key is; nothing for any other key. */
export function windowOf({ prefix }: RunNames, key: string): WindowId | undefined {
  if (!key.startsWith(prefix) || !key.endsWith('.json')) return undefined;
  const name = key.slice(prefix.length, -'.json'.length);
  const startAt = name.slice(name.lastIndexOf('/') + 1);
  if (!UTC_SECONDS.test(startAt)) return undefined;
  return [{ startAt }, { startAt, updated: true } as const].find((window) => windowName(window) === name);
}

/** Whether a key is that of a part as it was verified, which `keepParts` leaves there. */
export function isPart(key: string): boolean {
  return key.endsWith('.csv') && !key.endsWith('.rows.csv') && !key.includes('/staged/');
}

/** `s3://…/_name/manifest.json` of `s3://…/name` */
export function manifestUrl(destination: string): string {
  return formatS3Url(outputNames(destination).manifest);
}

/** `s3://…/_name/report.html` of `s3://…/name` */
export function reportUrl(destination: string): string {
  return formatS3Url(outputNames(destination).report);
}

function inPrefix(bucket: string, prefix: string): RunNames {
  return {
    bucket,
    prefix,
    plan: `${prefix}plan.json`,
    publication: `${prefix}publication.json`,
    stagedPrefix: `${prefix}staged/`,
    staged: `${prefix}staged.json`,
    merged: `${prefix}merged.json`,
    mergedIds: `${prefix}merged.ids`,
    gone: `${prefix}gone.json`,
    goneIds: `${prefix}gone.ids`,
    goneMergedIds: `${prefix}gone-merged.ids`,
    reconciled: `${prefix}reconciled.json`,
  };
}
