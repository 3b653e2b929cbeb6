import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import { sendJson, sendText } from './answers.js';
import type { CallLog } from './call-log.js';
import { isoSeconds, type SimulatedClock } from './clock.js';
import { expectedIds, expectedOutput, leadsAt } from './expected.js';
import { readFault, type Faults } from './faults.js';
import type { Jobs } from './jobs.js';
import type { LeadCatalog } from './leads/catalog.js';
import type { FieldSet } from './leads/field-set.js';
import type { LivingLeads } from './leads/living-leads.js';
import { trueValues } from './truth.js';
import { readSwitches, type Switches } from './switches.js';

/** What the endpoint tells and steers of an instance. */
interface Controlled {
  readonly clock: SimulatedClock;
  readonly leads: LeadCatalog;
  readonly living: LivingLeads;
  readonly jobs: Jobs;
  readonly faults: Faults;
  readonly calls: CallLog;
  readonly fields: FieldSet;
  readonly switches: Switches;
  change(switches: Partial<Switches>): void;
}

/**
 * The control endpoint, which is not part of Marketo:
 *
 * - `GET state`: clock, jobs, counters, what broke good manners
 * - `GET calls?since=N`: the calls from number N on
 * - `POST faults` a list of faults, `DELETE faults`
 * - `POST clock` `{"jumpSeconds": N}`
 * - `POST queue` `{"foreign": N}`: places that other integrations take
 * - `POST switches` `{"describe2Lacks": ["title"]}`: any of `switches.ts`
 * - `POST fields` `{"drop": ["title"], "rename": {"site": "location"}}`: fields that are deleted and renamed
 * - `GET ids?startAt=&endAt=`: the ids of a range, one a line
 * - `GET expected?startAt=&endAt=&fields=a,b&overlapSeconds=0&quoting=rfc4180`: what a right extract of that range must be, byte
 *   for byte, with this quoting or with `asIs`, under all switches, and under faults of all jobs that change columns or line
 *   ends; of leads that do not change
 * - `GET truth?startAt=&endAt=&fields=a,b&overlapSeconds=0`: the values of the same leads, a JSON object a line
 * - `GET leads?at=&fields=a,b`: every lead that there is at a moment, as it is then, as CSV that readers of RFC 4180 read
 */
export async function control(
  simulator: Controlled,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const query = url.searchParams;
  const what = `${request.method ?? ''} ${url.pathname.slice('/simulator/'.length)}`;
  try {
    switch (what) {
      case 'GET state':
        sendJson(response, state(simulator));
        return;
      case 'GET calls':
        sendJson(
          response,
          simulator.calls.records.filter(({ number }) => number >= Number(query.get('since') ?? 0)),
        );
        return;
      case 'POST faults':
        for (const fault of (await readBody(request)) as unknown[]) simulator.faults.inject(readFault(fault));
        sendJson(response, {});
        return;
      case 'DELETE faults':
        simulator.faults.clear();
        sendJson(response, {});
        return;
      case 'POST clock':
        simulator.clock.jump(((await readBody(request)) as { jumpSeconds: number }).jumpSeconds * 1000);
        sendJson(response, {});
        return;
      case 'POST queue':
        simulator.jobs.foreignQueued = ((await readBody(request)) as { foreign: number }).foreign;
        sendJson(response, {});
        return;
      case 'POST switches':
        simulator.change(readSwitches(await readBody(request)));
        sendJson(response, {});
        return;
      case 'POST fields': {
        const { drop = [], rename = {} } = (await readBody(request)) as FieldChanges;
        simulator.fields.drop(drop);
        simulator.fields.rename(rename);
        sendJson(response, {});
        return;
      }
      case 'GET ids':
        await stream(response, expectedIds(simulator.leads, query));
        return;
      case 'GET expected':
        await stream(
          response,
          expectedOutput(simulator.leads, simulator.fields, simulator.faults.standing('create'), query),
        );
        return;
      case 'GET truth':
        await stream(response, trueValues(simulator.leads, simulator.fields, query));
        return;
      case 'GET leads':
        await stream(response, leadsAt(simulator.living, simulator.fields, query));
        return;
      default:
        sendText(response, `${what} is not known`, 404, 'text/plain');
    }
  } catch (error) {
    if (!response.headersSent) sendText(response, error instanceof Error ? error.message : '', 400, 'text/plain');
  }
}

interface FieldChanges {
  readonly drop?: readonly string[];
  readonly rename?: Readonly<Record<string, string>>;
}

function state({ clock, jobs, calls, faults, leads, switches }: Controlled): object {
  return {
    now: isoSeconds(clock.now()),
    leads: leads.leads,
    jobs: jobs.all.map(({ exportId, state: jobState, selection, downloads, bytesSent, facts, statusCalls }) => ({
      exportId,
      status: jobState,
      startAt: isoSeconds(selection.startAt),
      endAt: isoSeconds(selection.endAt),
      records: facts?.records,
      bytes: facts?.bytes,
      statusCalls: statusCalls.length,
      downloads,
      bytesSent,
    })),
    mostQueuedOrRunning: jobs.mostQueuedOrRunning,
    mostRunning: jobs.mostRunning,
    quotaExceeded: jobs.quotaExceeded,
    calls: calls.counts(),
    faults: faults.struck,
    switches,
    violations: calls.violations,
  };
}

async function stream(response: ServerResponse, lines: Generator<string>): Promise<void> {
  // What is wrong with the query shows at the first line.
  const first = lines.next();
  response.writeHead(200, { 'content-type': 'text/plain;charset=UTF-8' });
  let text = first.done === true ? '' : first.value;
  for (const line of lines) {
    text += line;
    if (text.length < 65_536) continue;
    if (!response.write(text)) await once(response, 'drain');
    text = '';
  }
  response.end(text);
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}
