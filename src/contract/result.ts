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
}

/** Evidence of one window in the manifest. */
export interface ManifestWindow {
  readonly startAt: string;
  readonly endAt: string;
  /** Marketo's id of the job whose file was used. */
  readonly exportId: string;
  /** Records in the job's file, as Marketo and the scanner agree. */
  readonly records: number;
  /** Rows of this window in the output. */
  readonly leads: number;
  /** Rows left out: ids repeated within the file or already seen in an earlier window. */
  readonly duplicates: number;
  /** Size of the job's file. */
  readonly bytes: number;
  /** Marketo's `fileChecksum`, equal to that of the bytes received. Absent for a window without leads. */
  readonly sha256?: string;
  /** CRC-32 of the part after its header, 8 hex digits. Absent for a window without leads. */
  readonly bodyCrc32?: string;
  /** Marketo's times of the job, where it tells them. */
  readonly queuedAt?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** When the file had been transferred and verified. */
  readonly verifiedAt: string;
  /** True if the window was exported by an earlier, failed run of the same workflow id. */
  readonly takenOver: boolean;
}

/** `_<name>/manifest.json`: what is in the output and how that is known. Holds nothing of any lead. */
export interface Manifest {
  readonly version: 1;
  readonly workflowId: string;
  readonly runId: string;
  /** Host of the Marketo instance. */
  readonly instance: string;
  readonly destination: string;
  readonly startAt: string;
  readonly endAt: string;
  readonly windowOverlapSeconds: number;
  readonly fields: readonly string[];
  readonly leads: number;
  readonly duplicates: number;
  /** Size of the output object, compressed where the destination ends in `.gz`. */
  readonly bytes: number;
  readonly etag: string;
  /** Full-object CRC-32 of the output as S3 reports it and as combined from the windows, 8 hex digits. */
  readonly crc32: string;
  readonly publishedAt: string;
  /** Creates whose answer was lost: Marketo may hold a job for each that was never enqueued and takes no slot. */
  readonly lostCreates: number;
  readonly warnings: readonly string[];
  readonly windows: readonly ManifestWindow[];
}
