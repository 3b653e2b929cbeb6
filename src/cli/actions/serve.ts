import { once } from 'node:events';
import { isLoopback } from '../../page/hosts.js';
import { servePage, type PageServer } from '../../page/server.js';
import { abortable } from '../../promises/abortable.js';
import { createObjectStore, type ObjectStore } from '../../storage/object-store.js';
import { storageSettings } from '../environment.js';
import { CommandError, EXIT, type ExitCode } from '../exit.js';
import { pageSource } from '../page-source.js';
import { note, say, type Terminal } from '../terminal.js';

export interface ServeOptions {
  /** `host:port` */
  readonly address: string;
  readonly quiet?: true;
}

/** How long the source of credentials may take, such as the metadata service of a machine that has none. */
const CREDENTIALS_MILLISECONDS = 5000;

/** Serves the page until Ctrl-C or SIGTERM, whether Temporal can be reached or not. */
export function serve({ address }: ServeOptions, terminal: Terminal): Promise<ExitCode> {
  return terminal.runUntilStopped(async (stopped) => {
    const page = await startPage(address, terminal);
    say(terminal, `The page is at ${page.url}; Ctrl-C stops it.`);
    if (!isLoopback(address)) {
      note(terminal, `Whoever reaches ${address} can read it: it has no login. See docs/page.md.`);
    }
    if (!stopped.aborted) await once(stopped, 'abort');
    await page.close();
    return EXIT.done;
  });
}

/** @throws CommandError where nobody can listen there */
export async function startPage(address: string, terminal: Pick<Terminal, 'env' | 'command'>): Promise<PageServer> {
  const store = await readableStore(terminal.env);
  try {
    const { url, close } = await servePage(address, pageSource(terminal, store));
    return {
      url,
      close: async () => {
        await close();
        store?.client.destroy();
      },
    };
  } catch (error) {
    store?.client.destroy();
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new CommandError(
      code === 'EADDRINUSE'
        ? `Somebody listens on ${address} already: is another page served there?`
        : `The page cannot be served on ${address}: ${code}`,
    );
  }
}

/** S3, where the environment has what it takes to read a report. */
async function readableStore(env: NodeJS.ProcessEnv): Promise<ObjectStore | undefined> {
  let store: ObjectStore | undefined;
  try {
    store = createObjectStore({ ...storageSettings(env), env });
    await abortable(store.client.config.credentials(), AbortSignal.timeout(CREDENTIALS_MILLISECONDS));
    return store;
  } catch {
    store?.client.destroy();
    return undefined;
  }
}
