import type { Changes } from '../contract/activities.js';
import type { ExtractInput } from '../contract/input.js';
import { cut } from './clean.js';
import { count, plural } from './format.js';

/** Why a run exports every lead although an update was asked for. */
export function fullSentence(because: string): string {
  return `A full run instead of an update, since ${because}`;
}

/** `12 leads new, 340 changed, 5 gone` */
export function changesSentence({ created, updated, gone }: Changes): string {
  return `${plural(created, 'lead')} new, ${count(updated)} changed, ${count(gone)} gone`;
}

/** Names of fields in a line: nobody reads more. */
const MAX_NAMES_CHARACTERS = 40;

/** Temporal takes 400 bytes of summary (`limit.userMetadataSummarySize`), and a character may be four. */
const MAX_SUMMARY_CHARACTERS = 100;

/** `All leads: every field but SSN__c → s3://bucket/leads.csv`, `Update: email, utm_* → …`: a run in a list of workflows. */
export function runSummary({ destination, mode, fields = [], excludeFields = [] }: ExtractInput): string {
  const what = mode === 'update' ? 'Update' : 'All leads';
  const wanted = fields.length === 0 ? 'every field' : cut(fields.join(', '), MAX_NAMES_CHARACTERS);
  const without = excludeFields.length === 0 ? '' : ` but ${cut(excludeFields.join(', '), MAX_NAMES_CHARACTERS)}`;
  return cut(`${what}: ${wanted}${without} → ${destination}`, MAX_SUMMARY_CHARACTERS);
}
