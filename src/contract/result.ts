import type { Changes } from './activities.js';
import type { Mode } from './input.js';

/** Result of `extractLeads`. */
export interface ExtractResult {
  /** `s3://` URL of the published object. */
  readonly destination: string;
  /** `s3://` URL of the manifest. */
  readonly manifest: string;
  /** Leads in the output, each id once. */
  readonly leads: number;
  /** Rows that were left out because their id had come before. */
  readonly duplicates: number;
  readonly windows: number;
  /** Size of the published object. */
  readonly bytes: number;
  readonly startAt: string;
  readonly endAt: string;
  /** What was done. */
  readonly mode: Mode;
  /** Why it was a full run although an update was asked for. */
  readonly fullBecause?: string;
  /** Of an update. */
  readonly changes?: Changes;
}

export type { Manifest } from './manifest.js';
