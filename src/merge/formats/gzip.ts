import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { streamRanges } from '../../storage/compose.js';
import { needsBaseCsv } from '../base-csv.js';
import { sizeAndCrc, uploadStream } from '../compose-ranges.js';
import { rangeOf, stageCsv, stageOnce } from '../staged.js';
import type { Format } from './format.js';

/** Gzip never makes its input larger by more than a few bytes in a thousand (RFC 1951). */
const MOST_GROWTH = 1.01;

/** CSV that was streamed through gzip into an object of its own. */
export const gzip: Format = async ({ context, plan, csv: ranges }) => {
  const { store, signal } = context;
  const csv = needsBaseCsv(context, plan) ? [rangeOf(await stageCsv(context, ranges))] : ranges;
  const { bytes, crc32 } = sizeAndCrc(csv);
  const staged = await stageOnce(context, {
    kind: 'gzip',
    source: `${crc32} ${bytes}`,
    make: (upload) =>
      pipeline(
        streamRanges(store, upload.bucket, csv, signal),
        createGzip(),
        (zipped: AsyncIterable<Buffer>) => uploadStream(context, upload, bytes * MOST_GROWTH, zipped),
        { signal },
      ),
  });
  return [rangeOf(staged)];
};
