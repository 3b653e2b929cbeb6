import { createMarketoClient, type MarketoClient } from '../../marketo/client.js';
import { exportableFields } from '../../marketo/describe.js';
import { oldestFolderDate } from '../../marketo/folders.js';
import { listExportJobs } from '../../marketo/lead-export.js';
import { marketoSettings } from '../environment.js';
import { moment, plural } from '../../text/format.js';
import type { Terminal } from '../terminal.js';
import type { Checklist } from './checklist.js';

/** Checks credentials and each permission that a run needs in Marketo; spends no job. */
export async function checkMarketo(report: Checklist, { env, interrupted }: Terminal): Promise<void> {
  const config = await report.check('environment for Marketo', () => {
    const found = marketoSettings(env);
    return Promise.resolve({ found, says: found.endpoint });
  });
  if (!config) return;
  const client = createMarketoClient(config);
  const authenticated = await report.check('Marketo credentials', async () => {
    await client.withToken('identity', interrupted, () => Promise.resolve());
    return { found: true, says: `accepted by ${client.instanceHost}` };
  });
  if (authenticated) await checkPermissions(report, client, interrupted);
}

async function checkPermissions(report: Checklist, client: MarketoClient, signal: AbortSignal): Promise<void> {
  await report.check('Marketo folders (Read-Only Assets)', async () => {
    const found = await oldestFolderDate(client, signal);
    return { found, says: `the oldest is of ${moment(new Date(found).toISOString())}` };
  });
  await report.check('Marketo fields (Read-Only Lead)', async () => {
    const found = await exportableFields(client, signal);
    return { found, says: `${plural(found.length, 'field')} can be exported` };
  });
  await report.check('Marketo bulk export (Read-Only Lead)', async () => {
    const found = await listExportJobs(client, signal);
    const open = found.filter(({ status }) => status === 'Queued' || status === 'Processing').length;
    return {
      found,
      says: `${plural(found.length, 'job')} of this API user in 7 days, ${open} queued or processing now`,
    };
  });
}
