import { createServer, type AddressInfo } from 'node:net';

/**
 * Ports on loopback that nobody used a moment ago, all different. Another process may take one before it is bound: who
 * starts a server on them tries again with others.
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  try {
    return await Promise.all(
      servers.map(
        (server) =>
          new Promise<number>((resolve, reject) => {
            server.on('error', reject);
            // Held open until all are known, so that none is given twice.
            server.listen(0, '127.0.0.1', () => {
              resolve((server.address() as AddressInfo).port);
            });
          }),
      ),
    );
  } finally {
    for (const server of servers) server.close();
  }
}

/** Whether a server's log says that it failed because of a port in use, as Go and Node spell it. */
function isPortTaken(log: string): boolean {
  return /address already in use|EADDRINUSE|port .* (?:is )?(?:already )?in use|can't set frontend port/i.test(log);
}

/**
 * Starts something on free ports, and again on others when one of them was taken meanwhile: five times at most.
 *
 * @param start fails with the server's log in its message
 */
export async function onFreePorts<T>(count: number, start: (ports: readonly number[]) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePorts(count));
    } catch (error) {
      if (attempt === 5 || !isPortTaken(String(error))) throw error;
    }
  }
}
