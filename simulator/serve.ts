import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerActivities } from './api/activities.js';
import { describeLead, describeLead2 } from './api/describe-lead.js';
import { sendFile } from './api/file.js';
import { folders } from './api/folders.js';
import { createJob, listJobs, serveJob } from './api/jobs.js';
import { leadsByFilter } from './api/leads.js';
import { ApiError, sendJson, success } from './answers.js';
import type { CallLog } from './call-log.js';
import type { SimulatedClock } from './clock.js';
import type { Endpoint, FaultEffect } from './faults.js';
import type { ExportFiles } from './files.js';
import type { Jobs } from './jobs.js';
import type { FieldSet } from './leads/field-set.js';
import type { LivingLeads } from './leads/living-leads.js';
import type { SimulatorOptions } from './options.js';
import type { PagingTokens } from './paging-tokens.js';
import type { Switches } from './switches.js';

/** The workspace that the second API user sees. */
const OTHER_WORKSPACE = 'Europe';

/** What of an instance calls are answered from. */
interface Instance {
  readonly options: SimulatorOptions;
  readonly clock: SimulatedClock;
  readonly living: LivingLeads;
  readonly pagingTokens: PagingTokens;
  readonly fields: FieldSet;
  readonly files: ExportFiles;
  readonly jobs: Jobs;
  readonly calls: CallLog;
  readonly switches: Switches;
}

/** A call that is let in. */
interface Call {
  readonly endpoint: Endpoint;
  readonly query: URLSearchParams;
  readonly exportId: string | undefined;
  readonly effects: readonly FaultEffect[];
  /** Client id of the API user that calls. */
  readonly owner: string;
}

/** Answers a call of the REST API. @throws ApiError */
export async function serve(
  instance: Instance,
  { endpoint, query, exportId, effects, owner }: Call,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { jobs, fields, switches, clock, options } = instance;
  jobs.advance();
  const caller = { jobs, fields, switches, owner };
  switch (endpoint) {
    case 'folders': {
      const workspace = owner === options.otherClientId ? OTHER_WORKSPACE : undefined;
      sendJson(response, folders(query, { from: options.from, switches, workspace }));
      return;
    }
    case 'leads':
      sendJson(response, leadsByFilter(instance.living, fields, query, clock.now()));
      return;
    case 'activityTypes':
    case 'pagingToken':
    case 'deletedLeads':
    case 'activities':
      sendJson(
        response,
        answerActivities(endpoint, query, {
          leads: instance.living,
          pagingTokens: instance.pagingTokens,
          switches,
          now: clock.now(),
        }),
      );
      return;
    case 'describe':
      if (switches.withoutDescribe2) throw new ApiError('610', 'Requested resource not found');
      sendJson(response, describeLead2(fields.describedBy2));
      return;
    case 'describeJson':
      sendJson(response, describeLead(fields.described));
      return;
    case 'create':
      sendJson(response, success({ result: [await createJob(caller, request, effects)] }));
      return;
    case 'list':
      sendJson(response, listJobs(caller, clock.now(), query));
      return;
    case 'file':
      await sendFile(request, response, jobs.find(exportId, owner), jobs, instance.files, effects);
      return;
    default:
      if (endpoint === 'status') instance.calls.statusCall(jobs.find(exportId, owner));
      sendJson(response, success({ result: [serveJob(caller, endpoint, exportId)] }));
  }
}
