import { athena } from './athena.js';
import { bigquery } from './bigquery.js';
import { duckdb } from './duckdb.js';
import type { LoadRequest } from './load-request.js';
import { postgres } from './postgres.js';
import { redshift } from './redshift.js';
import { snowflake } from './snowflake.js';

/** Each engine with what makes its script: a table, the load, and a query that tells whether every lead came. */
const SCRIPTS = { snowflake, bigquery, athena, redshift, duckdb, postgres };

export type Engine = keyof typeof SCRIPTS;

/** In the order of the help. */
export const ENGINES = Object.keys(SCRIPTS) as readonly Engine[];

/**
 * Lines of a script that makes a table of an output. From CSV every value is loaded as text first, so that one that does not read
 * as its type stops nothing: in the table it is NULL, its text stays where it was loaded.
 *
 * @throws NotLoadableError where the engine cannot read what the output is stored as
 */
export function loadScript(engine: Engine, request: LoadRequest): string[] {
  return SCRIPTS[engine](request);
}
