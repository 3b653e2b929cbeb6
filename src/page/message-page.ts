import { html } from '../report/html.js';
import { withoutControls } from '../text/clean.js';
import type { Page } from './layout.js';

/** Between two tries where Temporal does not answer. */
const RETRY_SECONDS = 5;

/** What keeps the page from answering: it tries again by itself. @param message for people, with nothing secret */
export function troublePage(message: string): Page {
  const headline = 'Where the runs stand cannot be told just now.';
  return {
    title: headline,
    said: `${headline} ${message}`,
    refreshSeconds: RETRY_SECONDS,
    main: html`<h1 class="headline">${headline}</h1>
      <p class="trouble bad">${withoutControls(message)}</p>
      <p>Runs go on without this page. It tries again every ${RETRY_SECONDS} seconds.</p>`,
  };
}

/** What is not there. */
export function missingPage(message: string): Page {
  return {
    title: 'Not found',
    said: message,
    refreshSeconds: 0,
    main: html`<h1 class="headline">${withoutControls(message)}</h1>
      <p><a href="/" id="all-runs">All runs</a></p>`,
  };
}
