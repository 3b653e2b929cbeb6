import { once } from 'node:events';
import { createServer } from 'node:net';
import { CommandError } from '../exit.js';

/** @throws CommandError if somebody listens on a port of loopback already */
export async function checkPort(port: number, what: string, option: string): Promise<void> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? 'is in use' : 'cannot be had';
    throw new CommandError(
      `Port ${port}, which ${what} needs, ${why}. Is another \`up\`, or another Temporal, running? End it, or give another ${option}.`,
    );
  } finally {
    server.close();
  }
}
