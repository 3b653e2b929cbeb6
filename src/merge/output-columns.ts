import { columnsOf, type DescribedColumn } from '../contract/columns.js';
import type { PlanRecord } from '../plan/plan-record.js';
import type { Contribution } from './deduplicate.js';

/** The output's columns, in their order: those of the files, which all have the same, else the plan's fields. */
export function outputColumns(plan: PlanRecord, contributions: readonly Contribution[]): DescribedColumn[] {
  const names = contributions.find(({ record }) => record.part)?.record.part?.columns ?? plan.fields;
  return columnsOf(names, plan.described);
}
