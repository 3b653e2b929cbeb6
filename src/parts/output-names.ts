import { createHash } from 'node:crypto';
import type { Window } from '../contract/windows.js';
import { parseS3Url, type ObjectLocation } from '../storage/s3-url.js';

/** Names of all that a run keeps in S3 beside its output. Parts hold the job in their name, so that two jobs never share one. */
export interface RunNames {
  readonly bucket: string;
  /** `<key>.parts/<first 32 hex digits of the SHA-256 of the workflow id>/` */
  readonly prefix: string;
  /** The pinned plan. */
  readonly plan: string;
  /** Upload and expected checksum of the output that is being published. */
  readonly publication: string;
}

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
  /** The rows of the part that no earlier window has, where it has any such. */
  readonly unique: string;
}

export function runNames(destination: string, workflowId: string): RunNames {
  const { bucket, key } = parseS3Url(destination);
  const run = createHash('sha256').update(workflowId).digest('hex').slice(0, 32);
  const prefix = `${key}.parts/${run}/`;
  return { bucket, prefix, ...inPrefix(prefix) };
}

/** The same names from the key of the plan, which is all that a window is told. */
export function runNamesOf(plan: ObjectLocation): RunNames {
  const prefix = plan.key.slice(0, plan.key.lastIndexOf('/') + 1);
  return { bucket: plan.bucket, prefix, ...inPrefix(prefix) };
}

export function windowNames(run: RunNames, window: Window): WindowNames {
  return { commit: `${run.prefix}${window.startAt}.json`, partPrefix: `${run.prefix}${window.startAt}-` };
}

export function partNames(run: RunNames, window: Window, exportId: string): PartNames {
  const stem = `${run.prefix}${window.startAt}-${exportId}`;
  return { part: `${stem}.csv`, ids: `${stem}.ids`, unique: `${stem}.unique.csv` };
}

/** `s3://…/<key>.manifest.json` beside `s3://…/<key>`. */
export function manifestUrl(destination: string): string {
  return `${destination}.manifest.json`;
}

/** `s3://…/<key>.report.html` beside `s3://…/<key>`. */
export function reportUrl(destination: string): string {
  return `${destination}.report.html`;
}

function inPrefix(prefix: string): Pick<RunNames, 'plan' | 'publication'> {
  return { plan: `${prefix}plan.json`, publication: `${prefix}publication.json` };
}
