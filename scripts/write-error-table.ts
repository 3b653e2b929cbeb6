// `npm run docs:errors`: writes docs/errors.md from the tables of the code; a test fails when it is stale.
import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { FAILURES } from '../src/contract/failures.js';
import { MARKETO_ERRORS, type ErrorAction } from '../src/marketo/marketo-errors.js';
import { formatMarkdown, markdownTable } from './markdown.js';
import { ROOT } from './root.js';

const DONE: Readonly<Record<ErrorAction, string>> = {
  refreshToken: 'another token is asked for, once for each call',
  retry: 'tried again without end, after 1–2 s at first, up to 1–2 min apart',
  retryBounded: 'tried again for 24 hours, then the window fails',
  queueFull: 'told apart by its message: full queue → 1-2-4 min; quota → midnight Central; already queued → success',
  alreadyQueued: 'success',
  waitForExportQuota: 'waits for midnight Central',
  waitForCallQuota: 'waits for midnight Central',
  jobGone: 'a new job, at most three for a window',
  invalidFields: 'left out with a warning if all fields were wanted, else `InvalidInput`',
  fail: 'fails at once',
};

/** The page as it must be. */
export async function errorPage(): Promise<string> {
  const failures = Object.entries(FAILURES).map(([type, { meaning, remedy }]) => [`\`${type}\``, meaning, remedy]);
  const errors = MARKETO_ERRORS.map(({ code, meaning, action, remedy }) => [code, meaning, DONE[action], remedy ?? '']);
  const page = [
    '# Errors',
    'Made from the tables in `src/contract/failures.ts` and `src/marketo/error-table.ts` by `npm run docs:errors`.',
    '## Failures of a run or a window',
    markdownTable(['type', 'meaning', 'what to do'], failures),
    '## Errors of Marketo',
    'Errors come with HTTP 200 and a code in the body, or as an HTTP status. Messages name the endpoint and Marketo’s request id, which Marketo Support asks for. A code of Marketo that is not in the table fails at once where it is 7xx or 1xxx, which blame the request, and so does a status 3xx or 4xx of HTTP; any other is tried again for 24 hours. 1003 that names fields is treated as 1006.',
    markdownTable(['code', 'meaning', 'what is done', 'what to do'], errors),
    '',
  ].join('\n\n');
  return formatMarkdown(page);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await writeFile(join(ROOT, 'docs/errors.md'), await errorPage());
}
