import type { Format } from './format.js';

/** CSV is copied as it lies. */
export const csv: Format = (input) => Promise.resolve(input.csv);
