import { createHash } from 'node:crypto';
import { FULL_SUFFIX, MAX_WORKFLOW_ID_LENGTH } from '../contract/names.js';

/** Room for what Temporal appends to the workflow id of each firing of a schedule: `-2016-08-01T00:00:00Z`. */
const FIRING_LENGTH = 21 + FULL_SUFFIX.length;

/**
 * Workflow id of a run that was given none: one for each destination, so that a second start finds the first. A long key
 * is replaced by its SHA-256.
 *
 * @param destination `s3://bucket/key`
 */
export function defaultWorkflowId(destination: string): string {
  const id = `extract-leads/${destination.replace(/^s3:\/\//, '')}`;
  if (id.length + FIRING_LENGTH <= MAX_WORKFLOW_ID_LENGTH) return id;
  return `extract-leads/${createHash('sha256').update(destination).digest('hex')}`;
}
