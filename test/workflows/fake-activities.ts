import type { Activities, CompletedJob, PlanSummary } from '../../src/contract/activities.js';
import { defined } from '../../src/contract/defined.js';

/** Activities that do as told at once: workflows are tested by what they ask for and what they make of the answers. */
export class FakeActivities implements Activities {
  readonly calls: { name: keyof Activities; window?: string; exportId?: string }[] = [];
  plan: PlanSummary = {
    ref: {
      bucket: 'bucket',
      key: '_leads.csv/parts/0/plan.json',
      sha256: '0'.repeat(64),
      instance: '123-abc-456.mktorest.com',
    },
    mode: 'full',
    outputStartAt: '2024-01-01T00:00:00Z',
    startAt: '2024-01-01T00:00:00Z',
    endAt: '2024-06-30T23:59:59Z',
    windowOverlapSeconds: 0,
    windowDays: 31,
    warnings: [],
    takenOver: [],
    searchAttributes: false,
    destinationEtag: null,
    accountEtags: { manifest: null, schema: null, report: null, ids: null },
    halved: [],
  };
  private jobs = 0;

  planExtract: Activities['planExtract'] = async () => {
    this.note('planExtract', {});
    return this.plan;
  };

  closeEarlierWindows: Activities['closeEarlierWindows'] = async () => {
    this.note('closeEarlierWindows', {});
  };

  createJob: Activities['createJob'] = async ({ window }) => {
    const exportId = `job-${++this.jobs}`;
    this.note('createJob', { window: window.startAt, exportId });
    return { exportId, lostCreates: 0 };
  };

  enqueueJob: Activities['enqueueJob'] = async ({ window, exportId }) => {
    this.note('enqueueJob', { window: window.startAt, exportId });
    return { outcome: 'enqueued' };
  };

  awaitJob: Activities['awaitJob'] = async ({ window, exportId }) => {
    this.note('awaitJob', { window: window.startAt, exportId });
    return { outcome: 'completed', job: this.completed(exportId) };
  };

  transferFile: Activities['transferFile'] = async ({ window, job }) => {
    this.note('transferFile', { window: window.startAt, exportId: job.exportId });
    return { outcome: 'verified', part: { records: 10, bytes: 1000, warnings: [] } };
  };

  abandonWindow: Activities['abandonWindow'] = async ({ window, exportId }) => {
    this.note('abandonWindow', { window: window.startAt, ...defined({ exportId }) });
  };

  collectGone: Activities['collectGone'] = async () => {
    this.note('collectGone', {});
    return { outcome: 'collected', until: '2024-07-01T00:00:00Z' };
  };

  mergeParts: Activities['mergeParts'] = async () => {
    this.note('mergeParts', {});
    return { manifest: 's3://bucket/_leads.csv/manifest.json', leads: 55, duplicates: 5, bytes: 5000 };
  };

  abandonMerge: Activities['abandonMerge'] = async () => {
    this.note('abandonMerge', {});
  };

  cleanUp: Activities['cleanUp'] = async () => {
    this.note('cleanUp', {});
  };

  completed(exportId: string): CompletedJob {
    return { exportId, records: 10, bytes: 1000, sha256: 'a'.repeat(64) };
  }

  named(name: keyof Activities): { window?: string; exportId?: string }[] {
    return this.calls.filter((call) => call.name === name);
  }

  note(name: keyof Activities, about: { window?: string; exportId?: string }): void {
    this.calls.push({ name, ...about });
  }
}
