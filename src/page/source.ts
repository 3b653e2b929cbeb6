import type { RunRef } from '../contract/activities.js';
import type { ListedRun } from '../runs/listed-run.js';
import type { Outcome } from '../runs/outcome.js';
import type { Snapshot } from '../runs/snapshot.js';

/** A run in the list, with how it stands where it is open. */
export interface OverviewRun extends ListedRun {
  readonly snapshot?: Snapshot;
}

/** The latest runs, the newest first. */
export interface Overview {
  readonly runs: readonly OverviewRun[];
  /** Of Temporal: `host:port`. */
  readonly address: string;
  /** Of Temporal's Web UI, where that is known. */
  readonly webUi?: string;
}

/** All that is told of one run. */
export interface RunView {
  readonly run: ListedRun;
  readonly snapshot: Snapshot;
  /** Of a closed run. */
  readonly outcome?: Outcome;
  /** Its page in Temporal's Web UI, where that is known. */
  readonly webUi?: string;
}

/** Where the page has its facts from: asked anew for each answer. What keeps it from answering is thrown. */
export interface PageSource {
  overview(): Promise<Overview>;
  /** `undefined` where Temporal knows no such run. */
  run(run: RunRef): Promise<RunView | undefined>;
  /** The report beside an output, `null` where there is none; absent where this process may not read from S3. */
  readonly report?: (destination: string) => Promise<AsyncIterable<Buffer> | null>;
  /** An error as a sentence for people, with nothing secret. */
  readonly explain: (error: unknown) => string;
  /** What stands before a command where the user calls one: `npx marketo-lead-extract`. */
  readonly command: string;
}
