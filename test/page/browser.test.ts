import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { servePage, type PageServer } from '../../src/page/server.js';
import type { RunView } from '../../src/page/source.js';
import { progress } from '../cli/samples.js';
import { hasBrowser, launchBrowser } from '../helpers/browser.js';
import { openView, overview, runId, source, VIEWS } from './samples.js';

const LONG = 'x'.repeat(300);
const views = Object.values(VIEWS);

(hasBrowser() ? describe : describe.skip)('the page in Chromium', () => {
  let browser: Browser;
  let server: PageServer;
  let shown: readonly RunView[] = views;
  let down: Error | undefined;

  beforeAll(async () => {
    browser = await launchBrowser();
    const given = source();
    const overviewNow = (): ReturnType<typeof given.overview> =>
      down ? Promise.reject(down) : Promise.resolve(overview(shown));
    server = await servePage('127.0.0.1:0', { ...given, overview: overviewNow });
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  async function withPage(
    path: string,
    options: BrowserContextOptions,
    body: (page: Page) => Promise<void>,
  ): Promise<void> {
    const context = await browser.newContext(options);
    try {
      const page = await context.newPage();
      const complaints: string[] = [];
      // Chromium tells of each answer that is none.
      page.on('console', (message) => {
        if (!message.text().includes('status of 503')) complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => {
        if (!/^data:,$/.test(request.url()) && request.url() !== `${server.url}${path}`)
          complaints.push(`asks for ${request.url()}`);
      });
      await page.clock.install();
      await page.goto(`${server.url}${path}`);
      await body(page);
      expect(complaints).toEqual([]);
    } finally {
      await context.close();
    }
  }

  const runAt = (name: keyof typeof VIEWS): string => `/runs/x/${runId(Object.keys(VIEWS).indexOf(name))}`;

  it('is dark on light, and light on dark where the reader wants it', async () => {
    // What runs in the page is text: the types of a browser are none of this project's.
    const ground = 'getComputedStyle(document.body).backgroundColor';
    await withPage('/', { colorScheme: 'light' }, async (page) => {
      expect(await page.evaluate(ground)).toBe('rgb(255, 255, 255)');
    });
    await withPage('/', { colorScheme: 'dark' }, async (page) => {
      expect(await page.evaluate(ground)).toBe('rgb(20, 23, 26)');
    });
  });

  it('needs no scrolling to the side on a phone, whatever its names are like', async () => {
    const warnings = [LONG];
    shown = [openView({ progress: progress({ destination: `s3://b/${LONG}`, warnings }), trouble: LONG }), ...views];
    for (const path of ['/', ...Object.keys(VIEWS).map((name) => runAt(name as keyof typeof VIEWS)), '/live']) {
      await withPage(path, { viewport: { width: 360, height: 740 } }, async (page) => {
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
      });
    }
    shown = views;
  });

  it('has its tables read as tables on a phone too, and a heading, main part and status for a screen reader', () =>
    withPage('/', { viewport: { width: 360, height: 740 } }, async (page) => {
      const table = page.getByRole('table', { name: 'Latest runs' });
      expect(await table.getByRole('row').count()).toBe(views.length + 1);
      expect(await table.getByRole('columnheader').allTextContents()).toContain('State');
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('5 runs are open.');
      for (const role of ['main', 'banner', 'contentinfo', 'status'] as const)
        expect(await page.getByRole(role).count()).toBe(1);
      expect(await page.getByRole('progressbar', { name: 'Windows done' }).count()).toBe(4);
    }));

  it('puts in what has changed by itself, keeps the place and the focus, and says an outage until it is over', () =>
    withPage('/', { viewport: { width: 360, height: 740 } }, async (page) => {
      const place = `#run-${runId(5)}`;
      await page.locator(place).focus();
      const before = await page.evaluate('scrollY');
      expect(before).toBeGreaterThan(0);
      shown = views.filter((view) => view !== VIEWS.cancelled);
      await page.clock.runFor(10_000);
      await page.getByRole('table').getByRole('row').nth(views.length).waitFor({ state: 'detached' });
      expect(await page.evaluate('scrollY')).toBe(before);
      expect(await page.evaluate('"#" + document.activeElement.id')).toBe(place);

      const heading = page.getByRole('heading', { level: 1 });
      down = new Error('Temporal at 127.0.0.1:7233 does not answer');
      await page.clock.runFor(10_000);
      await heading.filter({ hasText: 'cannot be told just now' }).waitFor();
      down = undefined;
      await page.clock.runFor(5_000);
      await heading.filter({ hasText: '5 runs are open.' }).waitFor();

      await page.route('**/*', (route) => route.fulfill({ status: 200, contentType: 'text/plain', body: 'no page' }));
      await page.clock.runFor(10_000);
      await page.getByRole('alert').waitFor();
      expect(await heading.textContent()).toBe('5 runs are open.');
      await page.unrouteAll();
      shown = views;
      await page.clock.runFor(10_000);
      await page.getByRole('alert').waitFor({ state: 'hidden' });
      await page.getByRole('table').getByRole('row').nth(views.length).waitFor();
    }));

  it('is printed on white with nothing cut off at the side', () =>
    withPage(runAt('running'), { colorScheme: 'dark', viewport: { width: 688, height: 1000 } }, async (page) => {
      // The printable width of A4 at 14 mm margins is 182 mm, 688 CSS pixels.
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      expect(await page.evaluate('getComputedStyle(document.body).color')).toBe('rgb(27, 31, 36)');
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(688);
    }));
});
