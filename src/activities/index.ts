import type { Activities } from '../contract/activities.js';
import { abandonWindow } from './abandon-window.js';
import { awaitJob } from './await-job.js';
import { cleanUp } from './clean-up.js';
import { createJob } from './create-job.js';
import type { Dependencies } from './dependencies.js';
import { enqueueJob } from './enqueue-job.js';
import { mergeParts } from './merge-parts.js';
import { planExtract } from './plan-extract.js';
import { transferFile } from './transfer-file.js';

export type { Dependencies } from './dependencies.js';

/** The activities of a worker, over the connections that it was given. */
export function createActivities(dependencies: Dependencies): Activities {
  return {
    planExtract: (args) => planExtract(dependencies, args),
    createJob: (args) => createJob(dependencies, args),
    enqueueJob: (args) => enqueueJob(dependencies, args),
    awaitJob: (args) => awaitJob(dependencies, args),
    transferFile: (args) => transferFile(dependencies, args),
    abandonWindow: (args) => abandonWindow(dependencies, args),
    mergeParts: (args) => mergeParts(dependencies, args),
    cleanUp: (args) => cleanUp(dependencies, args),
  };
}
