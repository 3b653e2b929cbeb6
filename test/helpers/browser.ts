import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Path of a Chromium: `CHROMIUM_PATH`, or the first on PATH; `undefined` where there is none. */
export function findChromium(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const given = environment['CHROMIUM_PATH'];
  if (given !== undefined && given !== '') return given;
  return (environment['PATH'] ?? '')
    .split(delimiter)
    .flatMap((directory) => NAMES.map((name) => join(directory, name)))
    .find((path) => existsSync(path));
}

/**
 * Whether tests in a browser can run. Where the environment says `CI` they must: there, a missing browser fails them.
 * Elsewhere they are skipped with a word on how to have them.
 */
export function hasBrowser(): boolean {
  const found = findChromium() !== undefined;
  if (!found && process.env['CI'] === undefined) {
    process.stderr.write(
      'No Chromium on PATH: tests in a browser are skipped. Install it, or name it in CHROMIUM_PATH.\n',
    );
  }
  return found || process.env['CI'] !== undefined;
}

/** Starts a headless Chromium; close it when done. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('There is no Chromium on PATH, and CHROMIUM_PATH names none');
  // The sandbox needs rights that containers often lack; only pages of this project are opened.
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}
