import { chromium, type Browser } from 'playwright-core';
import { findProgram, hasProgram } from './programs.js';

/** Whether tests in a browser can run; see {@link hasProgram}. */
export function hasBrowser(): boolean {
  return findChromium() !== undefined || hasProgram('chromium', 'chromium');
}

/** Starts a headless Chromium; close it when done. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('There is no Chromium on PATH, and CHROMIUM_PATH names none');
  // The sandbox needs rights that containers often lack; only pages of this project are opened.
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

/** `CHROMIUM_PATH`, or the first on PATH. */
function findChromium(): string | undefined {
  const given = process.env['CHROMIUM_PATH'] ?? '';
  return given === '' ? findProgram('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable') : given;
}
