import type { Wait, WindowState } from '../contract/progress.js';
import type { Window } from '../contract/windows.js';

/** A window as the run keeps it. */
export interface WindowRecord extends Window {
  state: WindowState;
  jobs: number;
  lostCreates: number;
  records?: number;
  bytes?: number;
  /** When its job was completed, in milliseconds since 1970; absent for a window that was taken over. */
  exportedAt?: number;
  wait?: Wait;
  reason?: string;
  /** Type of the failure that the reason is of. */
  failureType?: string;
}
