import { html, Html, type HtmlValue } from '../report/html.js';
import { sha256 } from '../bytes/sha256.js';
import { REFRESH } from './refresh.js';
import { PAGE_STYLE } from './style.js';

/** What a page is made of. */
export interface Page {
  /** Of the tab. */
  readonly title: string;
  readonly main: HtmlValue;
  /** Read out whenever it changes: nothing in it counts down. */
  readonly said: string;
  /** Seconds to the next look; 0 for what does not change any more. */
  readonly refreshSeconds: number;
  readonly webUi?: string | undefined;
}

/** Where scripts are off, the whole page is loaded again. */
const RELOAD_SECONDS = 15;

// Not formatted by anybody: the policy below names their bytes.
const STYLE_ELEMENT = new Html(`<style>${PAGE_STYLE}</style>`);
const SCRIPT_ELEMENT = new Html(`<script>${REFRESH}</script>`);

/** Allows exactly the style sheet and the script of the page, no more, and nothing from elsewhere. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src '${hashOf(PAGE_STYLE)}'`,
  `script-src '${hashOf(REFRESH)}'`,
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** A whole page. @param now when its facts were true, milliseconds since 1970 */
export function renderPage({ title, main, said, refreshSeconds, webUi }: Page, now: number): string {
  const reload = html`<noscript><meta http-equiv="refresh" content="${RELOAD_SECONDS}" /></noscript>`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <link rel="icon" href="data:," />
        <title>${title}</title>
        ${refreshSeconds > 0 ? reload : undefined} ${STYLE_ELEMENT}
      </head>
      <body data-refresh-seconds="${refreshSeconds}">
        <a class="skip" href="#main">Skip to the content</a>
        <header class="bar">
          <p><a href="/" id="home">marketo-lead-extract</a></p>
          ${webUi === undefined ? undefined : html`<p><a href="${webUi}" id="web-ui">Temporal Web UI</a></p>`}
        </header>
        <p id="said" role="status" class="unseen">${said}</p>
        <p id="lost" role="alert" class="trouble bad" hidden>
          This page gets no answer any more: is the program that serves it running? What stands below is what it said
          last.
        </p>
        <main id="main">${main}</main>
        <footer>
          <p>
            As of <span id="asOf">${timeOfDay(now)}</span>. <span class="refresh">${howFresh(refreshSeconds)}</span>
          </p>
        </footer>
        ${SCRIPT_ELEMENT}
      </body>
    </html> `.text;
}

function howFresh(refreshSeconds: number): string {
  return refreshSeconds > 0 ? 'The page refreshes by itself.' : 'The page does not refresh.';
}

function timeOfDay(now: number): string {
  return `${new Date(now).toISOString().replace('T', ' ').slice(0, 19)} UTC`;
}

function hashOf(text: string): string {
  return `sha256-${Buffer.from(sha256(text), 'hex').toString('base64')}`;
}
