import { formatSeconds, parseSeconds } from '../contract/dates.js';
import { RunFailure } from '../contract/failures.js';
import type { MarketoClient } from '../marketo/client.js';
import { cancelExportJob, createExportJob, type RangeFilter } from '../marketo/lead-export.js';
import { MarketoError } from '../marketo/marketo-errors.js';

/** What checking fields works with. */
export interface FieldCheck {
  readonly marketo: MarketoClient;
  readonly signal: AbortSignal;
  /** @default createdAt */
  readonly filter?: RangeFilter;
  /** True if the user named the fields: then none is left out. */
  readonly named: boolean;
  /** The job of an earlier check that did not come to its end. */
  readonly earlierJob: string | undefined;
  /** Called with the job as soon as it is made. */
  readonly onJob: (exportId: string) => void;
  /** Called where a job could not be cancelled: it stays `Created` and takes no place in the queue. */
  readonly onLeftJob: (exportId: string, code: string) => void;
}

/**
 * Lets Marketo itself check the fields of a plan: a job over its first second is created and cancelled at once, never
 * enqueued.
 *
 * @returns the fields that the instance exports, and those that it refused
 * @throws RunFailure of type `InvalidInput` where it refuses a field that the user named; MarketoError, of code 1035 where the
 * subscription lacks the filter
 */
export async function checkFields(
  { fields: wanted, startAt }: { readonly fields: readonly string[]; readonly startAt: string },
  check: FieldCheck,
): Promise<{ readonly fields: readonly string[]; readonly refused: readonly string[] }> {
  const { marketo, signal, filter = 'createdAt', named, earlierJob, onJob } = check;
  const endAt = formatSeconds(parseSeconds(startAt) + 1);
  const refused: string[] = [];
  let fields = wanted;
  if (earlierJob !== undefined) await cancel(earlierJob, check);
  for (;;) {
    try {
      const { exportId } = await createExportJob(marketo, { fields, filter, startAt, endAt }, signal);
      onJob(exportId);
      await cancel(exportId, check);
      return { fields, refused };
    } catch (error) {
      const invalid = error instanceof MarketoError ? error.invalidFields : [];
      const rest = fields.filter((field) => field === 'id' || !invalid.includes(field));
      if (rest.length === fields.length) throw error;
      if (named) {
        throw new RunFailure('InvalidInput', `fields: Marketo does not export ${invalid.join(', ')} in this instance`);
      }
      refused.push(...invalid);
      fields = rest;
    }
  }
}

async function cancel(exportId: string, { marketo, signal, onLeftJob }: FieldCheck): Promise<void> {
  try {
    await cancelExportJob(marketo, exportId, signal);
  } catch (error) {
    if (!(error instanceof MarketoError)) throw error;
    onLeftJob(exportId, error.code);
  }
}
