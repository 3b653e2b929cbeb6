import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SEARCH_ATTRIBUTES } from '../../src/contract/names.js';
import { toolPath } from '../tools.js';
import { isolatedEnvironment } from './child.js';
import { onFreePorts } from './ports.js';
import { startServer, type Server } from './server.js';

const execFileAsync = promisify(execFile);

/** What the workflows upsert where it is registered. */

/** Temporal's development server; `env` holds `TEMPORAL_ADDRESS` and `TEMPORAL_NAMESPACE`. */
export interface TemporalServer extends Server {
  /** `host:port` of its gRPC service. */
  readonly address: string;
  /** Where the Web UI answers; absent unless asked for. */
  readonly webUrl?: string;
}

/** Starts Temporal's development server with the search attributes registered. Its data, in a file, outlive a restart. */
export async function startTemporal({ webUi = false } = {}): Promise<TemporalServer> {
  const binary = toolPath('temporal');
  return onFreePorts(2, async ([port = 0, uiPort = 0]) => {
    const address = `127.0.0.1:${port}`;
    const directory = await mkdtemp(join(tmpdir(), 'temporal-'));
    const options = {
      name: 'The Temporal server',
      command: binary,
      args: [
        ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'error'],
        ...(webUi ? ['--ui-port', String(uiPort)] : ['--headless']),
        ...['--db-filename', join(directory, 'temporal.db')],
        ...SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
      ],
      env: isolatedEnvironment(),
      isReady: () => hasSearchAttributes(binary, address),
      readySeconds: 60,
      graceSeconds: 10,
      scratch: [directory],
    };
    return startServer(options, {
      address,
      env: { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: 'default' },
      ...(webUi && { webUrl: `http://127.0.0.1:${uiPort}` }),
    });
  });
}

async function hasSearchAttributes(binary: string, address: string): Promise<boolean> {
  const list = ['operator', 'search-attribute', 'list', '--address', address, '--command-timeout', '5s'];
  const { stdout } = await execFileAsync(binary, list, { env: isolatedEnvironment() });
  return SEARCH_ATTRIBUTES.every((name) => stdout.includes(name));
}
