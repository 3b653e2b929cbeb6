import { describe, expect, it } from '@jest/globals';
import { serveHealth } from '../../src/observability/health.js';

describe('the health endpoint', () => {
  it('is ready only where nothing is wrong and says what is, and live as long as it answers', async () => {
    let trouble: string | undefined = 'Marketo can’t be reached.';
    const health = await serveHealth('127.0.0.1:0', () => trouble);
    const ask = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${health.port}${path}`);
    const status = async (path: string): Promise<number> => (await ask(path)).status;
    try {
      expect([await status('/live'), await status('/ready')]).toEqual([200, 503]);
      expect(await (await ask('/ready')).text()).toBe('Marketo can’t be reached.\n');
      trouble = undefined;
      expect([await status('/live'), await status('/ready'), await status('/')]).toEqual([200, 200, 404]);
    } finally {
      await health.close();
    }
    await expect(status('/live')).rejects.toThrow();
  });

  it('listens on IPv6 too', async () => {
    const health = await serveHealth('[::1]:0', () => undefined);
    try {
      expect((await fetch(`http://[::1]:${health.port}/ready`)).status).toBe(200);
    } finally {
      await health.close();
    }
  });

  it('fails where it cannot listen', async () => {
    const first = await serveHealth('127.0.0.1:0', () => undefined);
    try {
      await expect(serveHealth(`127.0.0.1:${first.port}`, () => undefined)).rejects.toThrow('EADDRINUSE');
    } finally {
      await first.close();
    }
  });
});
