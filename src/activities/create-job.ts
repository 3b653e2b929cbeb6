import { z } from 'zod';
import type { CreatedJob, WindowArgs } from '../contract/activities.js';
import { MarketoError } from '../marketo/marketo-errors.js';
import { createExportJob } from '../marketo/lead-export.js';
import { readPlan } from '../plan/plan-record.js';
import { Attempt } from './attempt.js';
import type { Dependencies } from './dependencies.js';

/**
 * Creates a window's export job. Marketo knows no idempotency key: where an answer is lost another job is created, and
 * the lost one is counted. It was never enqueued, so it takes no place in the queue (Adobe: Bulk Extract).
 */
export function createJob({ marketo, store }: Dependencies, args: WindowArgs): Promise<CreatedJob> {
  return Attempt.run(args, async (attempt) => {
    const lostBefore = z.int().catch(0).parse(attempt.recall('lostCreates'));
    const known = z.string().safeParse(attempt.recall('exportId'));
    if (known.success) return { exportId: known.data, lostCreates: lostBefore };
    const { fields } = await readPlan(store, args.plan);
    try {
      const { exportId } = await createExportJob(marketo, { fields, ...args.window }, attempt.signal);
      attempt.remember({ exportId });
      return { exportId, lostCreates: lostBefore };
    } catch (error) {
      if (error instanceof MarketoError && error.outcomeUnknown) attempt.remember({ lostCreates: lostBefore + 1 });
      throw error;
    }
  });
}
