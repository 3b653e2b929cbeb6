import type { Activities } from '../contract/activities.js';
import { abandonMerge } from './abandon-merge.js';
import { abandonWindow } from './abandon-window.js';
import { runAttempt, type Attempt, type AttemptArgs } from './attempt.js';
import { awaitJob } from './await-job.js';
import { cleanUp } from './clean-up.js';
import { closeEarlierWindows } from './close-earlier-windows.js';
import { collectGone } from './collect-gone.js';
import { createJob } from './create-job.js';
import type { Dependencies } from './dependencies.js';
import { enqueueJob } from './enqueue-job.js';
import { mergeParts } from './merge-parts.js';
import { planExtract } from './plan-extract.js';
import { transferFile } from './transfer-file.js';

export type { Dependencies } from './dependencies.js';

/** An activity's work, to be run as an attempt: {@link createActivities} alone makes activities of these. */
type Work<A, R> = (dependencies: Dependencies, attempt: Attempt, args: A) => Promise<R>;

/** The activities of a worker, over the connections that it was given. */
export function createActivities(dependencies: Dependencies): Activities {
  const attempted =
    <A extends AttemptArgs, R>(work: Work<A, R>) =>
    (args: A): Promise<R> =>
      runAttempt(dependencies.marketo.instanceHost, args, (attempt) => work(dependencies, attempt, args));
  return {
    planExtract: attempted(planExtract),
    closeEarlierWindows: attempted(closeEarlierWindows),
    createJob: attempted(createJob),
    enqueueJob: attempted(enqueueJob),
    awaitJob: attempted(awaitJob),
    transferFile: attempted(transferFile),
    abandonWindow: attempted(abandonWindow),
    collectGone: attempted(collectGone),
    mergeParts: attempted(mergeParts),
    abandonMerge: attempted(abandonMerge),
    cleanUp: attempted(cleanUp),
  };
}
