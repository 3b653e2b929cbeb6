import { describe, expect, it } from '@jest/globals';
import { serveHealth } from '../../src/observability/health.js';

describe('the health endpoint', () => {
  it('is ready only as long as the worker polls, and live as long as it answers', async () => {
    let ready = false;
    const health = await serveHealth('127.0.0.1:0', () => ready);
    const status = async (path: string): Promise<number> =>
      (await fetch(`http://127.0.0.1:${health.port}${path}`)).status;
    try {
      expect([await status('/live'), await status('/ready')]).toEqual([200, 503]);
      ready = true;
      expect([await status('/live'), await status('/ready')]).toEqual([200, 200]);
    } finally {
      await health.close();
    }
    await expect(status('/live')).rejects.toThrow();
  });

  it('listens on IPv6 too', async () => {
    const health = await serveHealth('[::1]:0', () => true);
    try {
      expect((await fetch(`http://[::1]:${health.port}/ready`)).status).toBe(200);
    } finally {
      await health.close();
    }
  });

  it('fails where it cannot listen', async () => {
    const first = await serveHealth('127.0.0.1:0', () => true);
    try {
      await expect(serveHealth(`127.0.0.1:${first.port}`, () => true)).rejects.toThrow('EADDRINUSE');
    } finally {
      await first.close();
    }
  });
});
