import type { PlanRecord } from '../plan/plan-record.js';
import type { Contribution } from './deduplicate.js';

/** Names of the output's columns, in their order: those of the files, which all have the same, else the plan's fields. */
export function columnNames({ fields }: PlanRecord, contributions: readonly Contribution[]): readonly string[] {
  return contributions.find(({ record }) => record.part)?.record.part?.columns ?? fields;
}
