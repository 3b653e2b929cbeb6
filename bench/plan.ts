import { writePlan, type PlanRecord } from '../src/plan/plan-record.js';
import type { PlanRef } from '../src/contract/activities.js';
import type { RunNames } from '../src/parts/output-names.js';
import type { ObjectStore } from '../src/storage/object-store.js';

/** A plan as `planExtract` pins it. */
export function planOf(workflowId: string, startAt: string, endAt: string): PlanRecord {
  return {
    version: 2,
    workflowId,
    instance: 'bench',
    startAt,
    endAt,
    windowOverlapSeconds: 0,
    startAtSource: 'startAt',
    fields: ['id'],
    fieldsNamed: false,
    request: '',
    warnings: [],
    plannedAt: new Date().toISOString(),
  };
}

/** Pins a plan in S3. */
export async function pin(store: ObjectStore, run: RunNames, plan: PlanRecord): Promise<PlanRef> {
  return (await writePlan(store, { bucket: run.bucket, key: run.plan }, plan)).ref;
}
