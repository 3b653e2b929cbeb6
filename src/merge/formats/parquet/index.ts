import { getBytes } from '../../../storage/objects.js';
import { streamRanges, type CheckedRange } from '../../../storage/compose.js';
import { uploadStream } from '../../compose-ranges.js';
import type { MergeContext } from '../../merge-context.js';
import { outputColumns } from '../../output-columns.js';
import { rangeOf, stageCsv, stageOnce, type Staged } from '../../staged.js';
import type { Format, FormatInput } from '../format.js';
import { parquetColumns, type ParquetColumns } from './columns.js';
import { convert } from './converter.js';
import { requestFor } from './sql.js';
import { verifyParquet } from './verify.js';

/** How much larger than its CSV a Parquet file may be: of next to nothing, for its footer; else hardly ever. */
const MOST_GROWTH = 2;

/**
 * Parquet: the CSV is composed as an object first, so that the chain of checksums reaches up to what is converted; then it is
 * streamed through the converter into another object, which is read back.
 */
export const parquet: Format = async (input) => {
  const { context, plan, contributions, ids, csv } = input;
  const columns = parquetColumns(outputColumns(plan, contributions));
  const merged = await stageCsv(context, csv);
  const staged = await stageOnce(context, {
    kind: 'parquet',
    source: `${merged.crc32} ${merged.bytes} ${context.plan.sha256}`,
    make: async (upload) => {
      const request = requestFor({
        ...columns,
        lineEnd: await lineEndOf(context, csv),
        bytes: merged.bytes,
        rows: leadsOf(input),
        metadata: metadataOf(input, columns),
      });
      const { converterPath, store, run, signal } = context;
      const source = streamRanges(store, run.bucket, [rangeOf(merged)], signal);
      return convert({ path: converterPath, request, source, signal }, (made) =>
        uploadStream(context, upload, merged.bytes * MOST_GROWTH, made),
      );
    },
    verify: async (object: Staged) => ({
      uncast: await verifyParquet(context, object, columns, leadsOf(input), ids),
    }),
  });
  return [rangeOf(staged)];
};

function leadsOf({ contributions }: FormatInput): number {
  return contributions.reduce((sum, { leads }) => sum + leads, 0);
}

/** What the file tells of itself: where it is from, and Marketo's own types and labels. */
function metadataOf({ context, plan }: FormatInput, { columns }: ParquetColumns): Record<string, string> {
  return {
    'marketo.instance': plan.instance,
    'marketo.startAt': plan.startAt,
    'marketo.endAt': plan.endAt,
    'marketo.plan': context.plan.sha256,
    'marketo.fields': JSON.stringify(columns.map(({ name, field }) => ({ column: name, ...field }))),
  };
}

/** How the header ends, and with it every row. */
async function lineEndOf({ store, run, signal }: MergeContext, [header]: readonly CheckedRange[]): Promise<string> {
  if (!header || 'literal' in header) return '\n';
  const { key, etag, end } = header;
  const range = { start: end - 2, end };
  const bytes = await getBytes(store, { bucket: run.bucket, key }, { ifMatch: etag, range, signal });
  return bytes?.toString('latin1') === '\r\n' ? '\r\n' : '\n';
}
