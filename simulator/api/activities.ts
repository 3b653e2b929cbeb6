import { ApiError, success } from '../answers.js';
import { isoSeconds } from '../clock.js';
import { FIELDS } from '../leads/fields.js';
import { hash } from '../leads/hash.js';
import type { LifeEvent } from '../leads/life.js';
import type { LivingLeads } from '../leads/living-leads.js';
import type { PagingTokens } from '../paging-tokens.js';
import type { Switches } from '../switches.js';
import { batchSizeOf, readDate, required } from './query.js';

/** Deletions are pruned after so long (Adobe: Get Deleted Leads). */
const RETENTION_MILLISECONDS = 14 * 86_400_000;

/** Types of activity in one call at most (Adobe: Activities, Query). */
const MOST_TYPES = 10;

/** Events that one page looks through: few of them make short and empty pages with more to come (Adobe: Activities). */
const LOOKED_THROUGH = [1, 10, 1000] as const;

const NEW_LEAD = 12;
const MERGE_LEADS = 32;
const DELETE_LEAD = 37;
const TYPES: readonly (readonly [number, string, readonly string[]])[] = [
  [NEW_LEAD, 'New Lead', ['Source Type']],
  [MERGE_LEADS, 'Merge Leads', ['Master Updated', 'Merge IDs', 'Merge Source', 'Merged in Sales']],
  [DELETE_LEAD, 'Delete Lead', ['Remove from CRM']],
];

/** What of an instance its activities are made of. */
interface Instance {
  readonly leads: LivingLeads;
  readonly pagingTokens: PagingTokens;
  readonly switches: Switches;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The calls of activities that the simulator knows, all of which need Read-Only Activity. @throws ApiError */
export function answerActivities(
  endpoint: 'activityTypes' | 'pagingToken' | 'deletedLeads' | 'activities',
  query: URLSearchParams,
  instance: Instance,
): object {
  if (instance.switches.withoutActivities) throw new ApiError('603', 'Access denied');
  switch (endpoint) {
    case 'activityTypes':
      return success({ result: TYPES.map(typeOf) });
    case 'pagingToken':
      return pagingToken(query, instance);
    case 'deletedLeads':
      return page(query, instance, (event) => deletions(event, instance));
    case 'activities': {
      const types = wantedTypes(query);
      return page(query, instance, (event) => activities(event, types, instance));
    }
  }
}

/** A token for what comes after a date. */
function pagingToken(query: URLSearchParams, { leads, pagingTokens }: Instance): object {
  const since = readDate(required(query, 'sinceDatetime'));
  return success({ nextPageToken: pagingTokens.issue(leads.events(since).length) });
}

/** A page: what was looked through may hold nothing, and `moreResult` alone tells whether there is more. */
function page(
  query: URLSearchParams,
  { leads, pagingTokens, now }: Instance,
  itemsOf: (event: LifeEvent) => readonly object[],
): object {
  const batchSize = batchSizeOf(query);
  const after = pagingTokens.read(required(query, 'nextPageToken'));
  const events = leads.events(now);
  const { seed } = leads.catalog.options;
  const end = Math.min(events.length, after + (LOOKED_THROUGH[hash(seed, after, 71) % LOOKED_THROUGH.length] ?? 1));
  const result: object[] = [];
  let at = after;
  for (; at < end && result.length < batchSize; at++) {
    const event = events[at];
    if (event) result.push(...itemsOf(event));
  }
  return success({
    nextPageToken: pagingTokens.issue(at),
    moreResult: at < events.length,
    ...((result.length > 0 || hash(seed, after, 72) % 2 === 0) && { result }),
  });
}

function wantedTypes(query: URLSearchParams): readonly number[] {
  required(query, 'activityTypeIds');
  const wanted = query
    .getAll('activityTypeIds')
    .flatMap((text) => text.split(','))
    .map(Number);
  if (wanted.length > MOST_TYPES) throw new ApiError('1003', `activityTypeIds may have at most ${MOST_TYPES} values`);
  const unknown = wanted.find((type) => !TYPES.some(([id]) => id === type));
  if (unknown !== undefined) throw new ApiError('1003', `Invalid activityTypeIds '${unknown}'`);
  return wanted;
}

/** Leads that were deleted; losers of merges are not told of here (seen by Openprise, not documented). */
function deletions(event: LifeEvent, { leads, now }: Instance): readonly object[] {
  if (event.kind !== 'deleted' || event.at < now - RETENTION_MILLISECONDS) return [];
  return [{ ...item(event, DELETE_LEAD, leads), activityDate: isoSeconds(event.at).replace('Z', '+0000') }];
}

function activities(event: LifeEvent, types: readonly number[], { leads, now }: Instance): readonly object[] {
  if (event.kind === 'created' && types.includes(NEW_LEAD)) return [item(event, NEW_LEAD, leads)];
  if (event.kind !== 'merged' || !types.includes(MERGE_LEADS)) return [];
  // Once the winner is merged away itself, its activities are those of the lead that took it over.
  const leadId = leads.catalog.id(leads.holder(event.index, now));
  const ids = event.losers.map((index) => leads.catalog.id(index));
  // An attribute that is empty is omitted (Adobe: Activities, Describe): those of sales often are.
  const source = hash(leads.catalog.options.seed, event.number, 73) % 3 > 0;
  const attributes = [
    { name: 'Merge IDs', value: `[${ids.join(', ')}]` },
    ...(source ? [{ name: 'Merge Source', value: 'leaddb' }] : []),
    ...(source ? [{ name: 'Master Updated', value: true }] : []),
  ];
  return [{ ...item(event, MERGE_LEADS, leads), leadId, attributes }];
}

/** An activity of a lead as it was just before. */
function item({ number, at, index }: LifeEvent, activityTypeId: number, leads: LivingLeads): object {
  const id = leads.catalog.id(index);
  const name = FIELDS.find((field) => field.name === 'mktoName');
  const before = leads.exists(index, at - 1) ? at - 1 : at;
  return {
    id: number,
    marketoGUID: String(number),
    leadId: id,
    activityDate: isoSeconds(at),
    activityTypeId,
    primaryAttributeValueId: id,
    primaryAttributeValue: name && leads.values(index, before)(name),
    attributes: [],
  };
}

function typeOf([id, name, attributes]: (typeof TYPES)[number]): object {
  return {
    id,
    name,
    description: name,
    primaryAttribute: { name: 'Lead ID', dataType: 'integer' },
    attributes: attributes.map((attribute) => ({ name: attribute, dataType: 'string' })),
  };
}
