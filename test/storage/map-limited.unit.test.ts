import { describe, expect, it } from '@jest/globals';
import { mapLimited } from '../../src/storage/map-limited.js';

describe('mapLimited', () => {
  it('gives the results in the order of the items', async () => {
    const turns = [3, 1, 2, 0];
    const work = async (count: number): Promise<number> => {
      for (let turn = 0; turn < count; turn++) await Promise.resolve();
      return count;
    };
    expect(await mapLimited(turns, 2, work)).toEqual(turns);
    expect(await mapLimited([], 2, work)).toEqual([]);
  });

  it('has no more under way than it may', async () => {
    let [underWay, most] = [0, 0];
    await mapLimited([1, 2, 3, 4, 5, 6, 7], 3, async () => {
      most = Math.max(most, ++underWay);
      await new Promise(setImmediate);
      underWay--;
    });
    expect(most).toBe(3);
  });

  it('begins nothing new once one fails, waits for what is under way, and then fails like the first', async () => {
    const [begun, ended]: [number[], number[]] = [[], []];
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const mapping = mapLimited([0, 1, 2, 3, 4], 2, async (item) => {
      begun.push(item);
      if (item === 1) throw new Error('the second fails');
      await released;
      ended.push(item);
    });
    let settled = false;
    void mapping.catch(() => undefined).finally(() => (settled = true));
    await new Promise(setImmediate);
    expect([begun, ended, settled]).toEqual([[0, 1], [], false]);
    release();
    await expect(mapping).rejects.toThrow('the second fails');
    expect([begun, ended]).toEqual([[0, 1], [0]]);
  });
});
