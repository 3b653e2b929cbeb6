import { explain } from '../environment.js';
import { withoutControls } from '../../text/clean.js';
import { say, type Terminal } from '../terminal.js';

/** Checks as they are made, a line for each: what was found, or what is wrong and how to mend it. */
export class Checklist {
  failures = 0;

  constructor(private readonly terminal: Terminal) {}

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
    remedy?: string,
  ): Promise<R | undefined> {
    try {
      const { found, says } = await work();
      this.line('✓', name, says);
      return found;
    } catch (error) {
      this.failures += 1;
      this.line('✗', name, [explain(error), ...(remedy === undefined ? [] : [remedy])].join(' — '));
      return undefined;
    }
  }

  /** Tells of a check that cannot be made, or of what a run can do without. */
  note(name: string, says: string): void {
    this.line('–', name, says);
  }

  private line(mark: string, name: string, says: string): void {
    say(
      this.terminal,
      `${mark} ${name}: ${withoutControls(says)
        .replace(/:\n\s*/, ': ')
        .replace(/\n\s*/g, '; ')}`,
    );
  }
}
