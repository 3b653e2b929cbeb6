import { explain } from '../environment.js';
import { withoutControls } from '../../text/clean.js';
import { event, say, type Terminal } from '../terminal.js';

/** How a check ended. `skipped`: it could not be made, or is about what a run can do without. */
type Result = 'ok' | 'failed' | 'skipped';

const MARKS: Readonly<Record<Result, string>> = { ok: '✓', failed: '✗', skipped: '–' };

/** Checks as they are made, a line for each: what was found, or what is wrong and how to mend it. */
export class Checklist {
  failures = 0;

  constructor(
    private readonly terminal: Terminal,
    private readonly json: boolean,
  ) {}

  /**
   * Makes a check.
   *
   * @param work returns what was found and how to tell it; throws what is wrong
   * @param remedy what to do if it fails, where the error itself does not say
   * @returns what was found, or `undefined` if the check failed
   */
  async check<R>(
    name: string,
    work: () => Promise<{ readonly found: R; readonly says: string }>,
    remedy?: (error: unknown) => string | undefined,
  ): Promise<R | undefined> {
    try {
      const { found, says } = await work();
      this.tell('ok', name, says);
      return found;
    } catch (error) {
      this.failures += 1;
      const help = remedy?.(error);
      this.tell('failed', name, [explain(error), ...(help === undefined ? [] : [help])].join(' — '));
      return undefined;
    }
  }

  /** Tells of a check that cannot be made, or of what a run can do without. */
  note(name: string, says: string): void {
    this.tell('skipped', name, says);
  }

  private tell(result: Result, check: string, says: string): void {
    const message = withoutControls(says)
      .replace(/:\n\s*/, ': ')
      .replace(/\n\s*/g, '; ');
    const line = this.json ? event('check', { check, result, message }) : `${MARKS[result]} ${check}: ${message}`;
    say(this.terminal, line);
  }
}
