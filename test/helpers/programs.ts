import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Path of the first of these programs on PATH; `undefined` where there is none. */
export function findProgram(...names: readonly string[]): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((directory) => names.map((name) => join(directory, name)))
    .find((path) => existsSync(path));
}

/**
 * Whether tests that need a program can run. Where the environment says `CI` they must: there, a missing program fails them.
 * Elsewhere they are skipped with a word on how to have them.
 *
 * @param source the Debian package that brings it
 */
export function hasProgram(name: string, source: string): boolean {
  if (process.env['CI'] !== undefined || findProgram(name) !== undefined) return true;
  process.stderr.write(`No ${name} on PATH: tests that need it are skipped. Debian has it in the package ${source}.\n`);
  return false;
}
