import { formatSeconds } from '../../contract/dates.js';
import { createMarketoClient, type MarketoClient } from '../../marketo/client.js';
import { exportableFields } from '../../marketo/describe.js';
import { listExportJobs } from '../../marketo/lead-export.js';
import { MarketoError } from '../../marketo/marketo-errors.js';
import { pagingToken } from '../../marketo/paging-token.js';
import { oldestDate, type OldestDate } from '../../marketo/oldest-date.js';
import { wayTo } from '../../http/proxy-environment.js';
import { marketoSettings } from '../environment.js';
import { moment, plural } from '../../text/format.js';
import type { Terminal } from '../terminal.js';
import type { Checklist } from './checklist.js';

/** Checks credentials and each permission that a run needs in Marketo; spends no job. */
export async function checkMarketo(report: Checklist, { env, interrupted }: Terminal): Promise<void> {
  const config = await report.check('environment for Marketo', () => {
    const found = marketoSettings(env);
    return Promise.resolve({ found, says: `${found.endpoint}, ${wayTo(found.endpoint, env)}` });
  });
  if (!config) {
    report.note('Marketo credentials and permissions', 'not checked, since the environment is not complete');
    return;
  }
  const client = createMarketoClient({ ...config, env });
  const authenticated = await report.check('Marketo credentials', async () => {
    await client.authenticate(interrupted);
    return { found: true, says: `accepted by ${client.instanceHost}` };
  });
  if (!authenticated) report.note('Marketo permissions', 'not checked, since there is no access token');
  else await checkPermissions(report, client, interrupted);
}

async function checkPermissions(report: Checklist, client: MarketoClient, signal: AbortSignal): Promise<void> {
  const oldest = await report.check('Marketo oldest date (Read-Only Assets, Read-Only Lead)', async () => {
    const found = await oldestDate(client, signal);
    return { found, says: sayOldest(found) };
  });
  for (const warning of oldest?.warnings ?? []) report.note('Marketo oldest date', warning);
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
  await checkActivities(report, client, signal);
}

/** Whether this user can have updates: they need to know which leads were deleted or merged away. */
async function checkActivities(report: Checklist, client: MarketoClient, signal: AbortSignal): Promise<void> {
  const name = 'Marketo activities (Read-Only Activity)';
  const asked = pagingToken(client, formatSeconds(Math.floor(Date.now() / 1000)), signal);
  const error: unknown = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof MarketoError && error.code === '603') {
    report.note(name, 'lacking: full runs only. For --mode update, give it to the role of the API user');
    return;
  }
  await report.check(name, async () => {
    await asked;
    return { found: true, says: 'there: full runs and updates' };
  });
}

/** Both dates, and which one a run without `startAt` begins at. */
function sayOldest({ folders, leads, source }: OldestDate): string {
  const told = (date: number | undefined): string =>
    date === undefined ? 'not told' : moment(new Date(date).toISOString());
  return `oldest folder ${told(folders)}, oldest lead ${told(leads)}; a run begins at the ${source === 'leads' ? 'lead' : 'folder'}`;
}
