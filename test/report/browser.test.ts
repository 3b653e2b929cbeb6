import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { columnsOf } from '../../src/contract/columns.js';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { renderReport } from '../../src/report/render-report.js';
import { hasBrowser, launchBrowser } from '../helpers/browser.js';
import { emptyWindow, manifestOf, windowsOf } from './samples.js';

const LONG = 'x'.repeat(300);

(hasBrowser() ? describe : describe.skip)('the report in Chromium', () => {
  let browser: Browser;
  let directory: string;
  let url: string;

  beforeAll(async () => {
    browser = await launchBrowser();
    directory = await mkdtemp(join(tmpdir(), 'report-'));
    const file = join(directory, 'report.html');
    const manifest = manifestOf([...windowsOf(14), emptyWindow(14)], {
      destination: `s3://bucket/${LONG}.csv`,
      warnings: [`Left out: ${LONG}`],
      columns: columnsOf(['id', LONG], []),
      // With all that only some reports have.
      format: 'parquet',
      uncast: { id: 1_234_567 },
    });
    await writeFile(file, renderReport(manifest));
    url = pathToFileURL(file).href;
  });

  afterAll(async () => {
    await browser.close();
    await rm(directory, { recursive: true });
  });

  async function withPage(options: BrowserContextOptions, body: (page: Page) => Promise<void>): Promise<void> {
    const context = await browser.newContext(options);
    try {
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('request', (request) => {
        if (request.url() !== url) complaints.push(`asks for ${request.url()}`);
      });
      await page.goto(url);
      await body(page);
      expect(complaints).toEqual([]);
    } finally {
      await context.close();
    }
  }

  // What runs in the page is text: the types of a browser are none of this project's.

  /** Colour of the ground, of the text, and of the first bar that is seen of each chart. */
  async function colours(page: Page): Promise<{ ground: string; text: string; bars: string[] }> {
    return page.evaluate(`({
      ground: getComputedStyle(document.body).backgroundColor,
      text: getComputedStyle(document.body).color,
      bars: ['--accent', '--queue', '--processing', '--transfer'].map((name) =>
        getComputedStyle(
          [...document.querySelectorAll('path[fill="var(' + name + ')"]')].find((bar) => bar.getClientRects().length > 0),
        ).fill,
      ),
    })`);
  }

  it('is dark on light, its charts in the colours of the page', () =>
    withPage({ colorScheme: 'light' }, async (page) => {
      expect(await colours(page)).toEqual({
        ground: 'rgb(255, 255, 255)',
        text: 'rgb(27, 31, 36)',
        bars: ['rgb(11, 105, 183)', 'rgb(217, 138, 0)', 'rgb(11, 105, 183)', 'rgb(0, 135, 95)'],
      });
    }));

  it('is light on dark where the reader wants it, the charts too', () =>
    withPage({ colorScheme: 'dark' }, async (page) => {
      expect(await colours(page)).toEqual({
        ground: 'rgb(20, 23, 26)',
        text: 'rgb(230, 232, 235)',
        bars: ['rgb(91, 176, 240)', 'rgb(240, 179, 74)', 'rgb(91, 176, 240)', 'rgb(57, 199, 154)'],
      });
    }));

  it.each([320, 360, 640, 641, 768, 1280])('needs no scrolling to the side at %d pixels', (width) =>
    withPage({ viewport: { width, height: 740 } }, async (page) => {
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    }),
  );

  it('has text of at least ten pixels in the charts of a phone and of a desktop', async () => {
    for (const width of [360, 1280]) {
      await withPage({ viewport: { width, height: 740 } }, async (page) => {
        const heights: number[] = await page.evaluate(`[...document.querySelectorAll('svg text')]
          .filter((text) => text.getClientRects().length > 0)
          .map((text) => text.getBoundingClientRect().height)`);
        expect(heights.length).toBeGreaterThan(20);
        expect(Math.min(...heights)).toBeGreaterThanOrEqual(10);
      });
    }
  });

  it('lets the table be scrolled by itself on a phone, by keyboard too', () =>
    withPage({ viewport: { width: 360, height: 740 } }, async (page) => {
      const table = page.getByRole('region', { name: 'Windows' });
      await table.focus();
      expect(await page.evaluate('document.activeElement.scrollWidth > document.activeElement.clientWidth')).toBe(true);
      expect(await page.evaluate('document.activeElement.ariaLabel')).toBe('Windows');
    }));

  it('is printed on white with nothing cut off at the side, whatever the screen is like', () =>
    withPage({ colorScheme: 'dark', viewport: { width: 688, height: 1000 } }, async (page) => {
      // The printable width of A4 at 14 mm margins is 182 mm, 688 CSS pixels.
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      expect((await colours(page)).text).toBe('rgb(27, 31, 36)');
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(688);
      const pdf = await page.pdf({ format: 'A4' });
      expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    }));
});
