import type { OutputFormat } from '../../contract/format.js';
import { csv } from './csv.js';
import type { Format } from './format.js';
import { gzip } from './gzip.js';
import { parquet } from './parquet/index.js';

/** How each format is made. */
export const FORMATS: Readonly<Record<OutputFormat, Format>> = { csv, gzip, parquet };
