import type { Changes } from '../contract/activities.js';
import { count, plural } from './format.js';

/** Why a run exports every lead although an update was asked for. */
export function fullSentence(because: string): string {
  return `A full run instead of an update, since ${because}`;
}

/** `12 leads new, 340 changed, 5 gone` */
export function changesSentence({ created, updated, gone }: Changes): string {
  return `${plural(created, 'lead')} new, ${count(updated)} changed, ${count(gone)} gone`;
}
