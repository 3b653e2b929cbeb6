import openInBrowser from 'open';
import { EXIT, CommandError, type ExitCode } from '../exit.js';
import { findRun } from '../find-run.js';
import type { RunOptions } from '../run-options.js';
import { withTemporal } from '../temporal.js';
import { answer, type Terminal } from '../terminal.js';
import { runUrl, webUiUrl } from '../web-ui.js';

/** Shows a run in the Web UI of Temporal, or the Web UI itself where none is named. */
export function open(options: RunOptions, terminal: Terminal): Promise<ExitCode> {
  return withTemporal(terminal, async (temporal) => {
    const named = options.workflowId !== undefined || options.destination !== undefined;
    const url = named
      ? await runUrl(terminal.env, temporal, await findRun(temporal, options))
      : await webUiUrl(terminal.env, temporal);
    if (url === undefined) {
      throw new CommandError(
        `Where the Web UI of Temporal at ${temporal.address} is, is not known: set TEMPORAL_UI_URL, such as http://localhost:8080.`,
      );
    }
    answer(terminal, options, { name: 'open', what: { url }, lines: [url] });
    if (options.json !== true && terminal.stdout.isTTY === true && hasBrowser(terminal.env)) await openInBrowser(url);
    return EXIT.done;
  });
}

/** A desktop: on Linux, one that has a display; nobody sees what is opened at the other end of SSH. */
function hasBrowser(env: NodeJS.ProcessEnv): boolean {
  if ((env['SSH_CONNECTION'] ?? '') !== '') return false;
  return process.platform !== 'linux' || [env['DISPLAY'], env['WAYLAND_DISPLAY']].some((name) => (name ?? '') !== '');
}
