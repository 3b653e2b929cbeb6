import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { abortable } from '../../src/promises/abortable.js';

describe('a promise that may be given up', () => {
  it('ends as the promise does, and leaves no listener behind', async () => {
    const { signal } = new AbortController();
    expect(await abortable(Promise.resolve(1), signal)).toBe(1);
    await expect(abortable(Promise.reject(new Error('no')), signal)).rejects.toThrow('no');
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(await abortable(Promise.resolve(1), undefined)).toBe(1);
  });

  it('is given up with the reason of the signal, before or while it is waited for', async () => {
    const interruption = new AbortController();
    const waiting = abortable(new Promise(() => undefined), interruption.signal);
    interruption.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(abortable(Promise.resolve(1), AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
  });
});
