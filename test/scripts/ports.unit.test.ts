import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { freePorts, onFreePorts } from '../../scripts/servers/ports.js';

/** Binds a port as a server would, and lets go of it. */
async function bind(port: number | undefined): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}

describe('freePorts', () => {
  it('gives ports that are all different and can be bound', async () => {
    const ports = await freePorts(20);
    expect(new Set(ports).size).toBe(20);
    for (const port of ports) await bind(port);
  });
});

describe('onFreePorts', () => {
  it('takes another port when one was taken between being found and being bound', async () => {
    const tried: (number | undefined)[] = [];
    const thief = createServer();
    const used = await onFreePorts(1, async ([port]) => {
      tried.push(port);
      if (tried.length === 1) await once(thief.listen(port, '127.0.0.1'), 'listening');
      await bind(port);
      return port;
    }).finally(() => thief.close());
    expect(tried).toHaveLength(2);
    expect(used).toBe(tried[1]);
    expect(used).not.toBe(tried[0]);
  });

  it('does not repeat a start that failed for another reason', async () => {
    let starts = 0;
    const start = (): Promise<never> => {
      starts += 1;
      return Promise.reject(new Error('no such file'));
    };
    await expect(onFreePorts(1, start)).rejects.toThrow('no such file');
    expect(starts).toBe(1);
  });

  it('gives up after five ports', async () => {
    let starts = 0;
    const start = (): Promise<never> => {
      starts += 1;
      return Promise.reject(new Error("can't set frontend port 1: listen tcp: bind: address already in use"));
    };
    await expect(onFreePorts(1, start)).rejects.toThrow('address already in use');
    expect(starts).toBe(5);
  });
});
