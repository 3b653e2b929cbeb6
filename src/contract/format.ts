/** What an output is. */
export type OutputFormat = 'csv' | 'gzip' | 'parquet';

/** The format of an output: by the end of its name. `gzip` is CSV that is compressed. */
export function formatOf(destination: string): OutputFormat {
  if (destination.endsWith('.parquet')) return 'parquet';
  return destination.endsWith('.gz') ? 'gzip' : 'csv';
}

/** Content types that outputs have unless told otherwise (IANA: Media Types). */
export const CONTENT_TYPES: Readonly<Record<OutputFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  gzip: 'text/csv; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
};
