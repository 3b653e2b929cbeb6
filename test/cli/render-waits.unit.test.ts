import { describe, expect, it } from '@jest/globals';
import { render } from '../../src/cli/render.js';
import type { Wait } from '../../src/contract/progress.js';
import { JANUARY, NOW, progress, snapshot } from './samples.js';

const ACTIVITY = { type: 'enqueueJob', attempt: 4, nextAttemptAt: '2024-07-01T12:01:42Z' };
const QUOTA: Wait = {
  reason: 'exportQuota',
  message: 'The daily export quota is used up',
  since: '2024-07-01T11:00:00Z',
  until: '2024-07-02T05:02:00Z',
};

function shown(of: Parameters<typeof snapshot>[0]): string {
  return render(snapshot(of), Date.parse(NOW))
    .map(({ text }) => text)
    .join('\n');
}

describe('a wait whose end is known', () => {
  it('of a window is counted down to its end, and the next try goes unsaid', () => {
    const current = [{ ...JANUARY, wait: QUOTA }, JANUARY];
    const text = shown({ progress: progress({ current }), windows: { [JANUARY.startAt]: { activity: ACTIVITY } } });
    expect(text).toContain('17 h 2 min left');
    expect(text.split('\n')[2]).not.toContain('next try');
  });

  it('of the run itself likewise', () => {
    const text = shown({ progress: progress({ stage: 'planning', current: [], wait: QUOTA }), activity: ACTIVITY });
    expect(text).toContain(', in 17 h 2 min.');
    expect(text).not.toContain('next try');
  });

  it('is told with the next try where its end is not known', () => {
    const { reason, message, since } = QUOTA;
    const wait = { reason, message, since };
    const text = shown({ progress: progress({ stage: 'planning', current: [], wait }), activity: ACTIVITY });
    expect(text).toContain('next try in 1 min 42 s');
    expect(text).not.toContain('left');
  });
});
