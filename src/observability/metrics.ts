import type { MetricMeter } from '@temporalio/common';
import { FAILURES } from '../contract/failures.js';
import { MARKETO_ERRORS } from '../marketo/marketo-errors.js';
import type { DependencyName } from './readiness.js';

/** Where the time of a run goes. */
export type Stage = 'queue' | 'processing' | 'transfer' | 'merge';

/** Upper bounds of the histogram of stages in seconds: a second to two days, since quotas make stages wait for a day. */
export const STAGE_BUCKETS_SECONDS = [1, 5, 15, 60, 180, 600, 1800, 3600, 10_800, 43_200, 86_400, 172_800];

/** Name of the histogram of stages; its buckets are given when Temporal's runtime is installed. */
export const STAGE_SECONDS = 'marketo_extract_stage_seconds';

/** Codes that are told apart. Others come from outside and would make series without end. */
const CODES: ReadonlySet<string> = new Set(['ok', 'error', ...MARKETO_ERRORS.map(({ code }) => code)]);

/**
 * What a worker counts about its work, beside what Temporal's SDK counts about its own. Every label has few values, known
 * beforehand; none says anything of a lead, a window or an instance. Counters of seconds are rounded, since the meter counts
 * in whole numbers; their exported names end in `_total`.
 */
export class Metrics {
  private readonly windows;
  private readonly records;
  private readonly fileBytes;
  private readonly leads;
  private readonly duplicates;
  private readonly outputBytes;
  private readonly stages;
  private readonly jobs;
  private readonly calls;
  private readonly retries;
  private readonly waitSeconds;
  private readonly waitEnds;
  private readonly failures;
  private readonly resumed;
  private readonly ready;

  constructor(meter: MetricMeter) {
    const counter = (name: string, what: string): ReturnType<MetricMeter['createCounter']> =>
      meter.createCounter(`marketo_extract_${name}`, undefined, what);
    this.windows = counter('windows_exported', 'Windows whose file was verified');
    this.records = counter('records_exported', 'Records in verified files, duplicates included');
    this.fileBytes = counter('bytes_exported', 'Size of verified files as Marketo wrote them');
    this.leads = counter('leads_published', 'Leads in published outputs');
    this.duplicates = counter('duplicates', 'Records that were left out of published outputs');
    this.outputBytes = counter('bytes_published', 'Size of published outputs');
    this.stages = meter.createHistogram(
      STAGE_SECONDS,
      'float',
      undefined,
      'Time that a window or a run spent in a stage',
    );
    this.jobs = counter('jobs', 'Export jobs by what became of them');
    this.calls = counter('marketo_calls', 'Calls of the API by endpoint and by the code of the answer');
    this.retries = counter('retries', 'Attempts of activities that are to be tried again, by activity and by reason');
    this.waitSeconds = counter('wait_seconds', 'Seconds to the next attempt, by what is waited for');
    this.waitEnds = meter.createGauge(
      'marketo_extract_wait_ends_timestamp_seconds',
      'float',
      undefined,
      'When the last wait that began ends, by what is waited for',
    );
    this.failures = counter('failures', 'Activities that failed for good, by type');
    this.resumed = counter('downloads_resumed', 'Downloads that were taken up again after a break');
    this.ready = meter.createGauge(
      'marketo_extract_dependency_ready',
      'int',
      undefined,
      'Whether the worker can use Marketo and S3: 1 or 0',
    );
    // There from the start: an increase from nothing to one is none to Prometheus.
    for (const one of [this.windows, this.records, this.fileBytes, this.leads, this.duplicates, this.outputBytes])
      one.add(0);
    for (const type of Object.keys(FAILURES)) this.failures.add(0, { type });
    this.resumed.add(0);
  }

  windowExported(records: number, bytes: number): void {
    this.windows.add(1);
    this.records.add(records);
    this.fileBytes.add(bytes);
  }

  outputPublished(leads: number, duplicates: number, bytes: number): void {
    this.leads.add(leads);
    this.duplicates.add(duplicates);
    this.outputBytes.add(bytes);
  }

  /** A stage that ended; of one whose clock went backwards nothing is known. */
  stageEnded(stage: Stage, milliseconds: number): void {
    if (milliseconds >= 0) this.stages.record(milliseconds / 1000, { stage });
  }

  job(outcome: 'created' | 'completed' | 'lost' | 'stuck'): void {
    this.jobs.add(1, { outcome });
  }

  call(endpoint: string, code: string): void {
    this.calls.add(1, { endpoint, code: CODES.has(code) ? code : 'other' });
  }

  /** @param reason a `WaitReason`, or `transient` for a single failure */
  retry(activity: string, reason: string, milliseconds: number): void {
    this.retries.add(1, { activity, reason });
    this.waitSeconds.add(Math.round(milliseconds / 1000), { reason });
    this.waitEnds.set((Date.now() + milliseconds) / 1000, { reason });
  }

  failure(type: string | null | undefined): void {
    this.failures.add(1, { type: typeof type === 'string' && type in FAILURES ? type : 'other' });
  }

  dependency(dependency: DependencyName, ready: boolean): void {
    this.ready.set(ready ? 1 : 0, { dependency });
  }

  downloadResumed(): void {
    this.resumed.add(1);
  }
}
