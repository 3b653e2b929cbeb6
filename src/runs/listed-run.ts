/** A run in a list. */
export interface ListedRun {
  readonly workflowId: string;
  readonly runId: string;
  /** Temporal's status. */
  readonly status: string;
  /** Where an open run stands, as far as a worker tells. */
  readonly stage?: string;
  /** Absent where the input cannot be read, such as an encrypted one. */
  readonly destination?: string;
  readonly mode?: string;
  /** Of a completed run. */
  readonly leads?: number;
  readonly startedAt: string;
  readonly endedAt?: string;
}

/** How a run stands, in a word: its stage, or what Temporal says. */
export function standing({ stage, status }: Pick<ListedRun, 'stage' | 'status'>): string {
  return stage ?? status.toLowerCase().replaceAll('_', ' ');
}

/** From start to end, or until now. */
export function secondsTaken({ startedAt, endedAt }: Pick<ListedRun, 'startedAt' | 'endedAt'>, now: number): number {
  return ((endedAt === undefined ? now : Date.parse(endedAt)) - Date.parse(startedAt)) / 1000;
}

/** What to say where there is none, and what to type. */
export function noRuns(address: string, command: string): string[] {
  return [
    `No run is known to Temporal at ${address}. Start one:`,
    `  ${command} start --destination s3://bucket/leads.csv`,
  ];
}
