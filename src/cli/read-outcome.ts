import { WorkflowFailedError } from '@temporalio/client';
import type { RunRef } from '../contract/activities.js';
import { outcomeOf, type Outcome } from '../runs/outcome.js';
import type { extractLeads } from '../workflows/index.js';
import type { Temporal } from './temporal.js';

/** How a closed run ended. */
export async function readOutcome({ client, call }: Temporal, run: RunRef): Promise<Outcome> {
  const handle = client.workflow.getHandle<typeof extractLeads>(run.workflowId, run.runId);
  try {
    return { status: 'completed', result: await call(() => handle.result()) };
  } catch (error) {
    if (error instanceof WorkflowFailedError) return outcomeOf(error.cause);
    throw error;
  }
}
