// A place in which the services of docker-compose.yml run as processes and see what they would see in their containers.
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Set in the process that is inside. */
const INSIDE = 'CHECK_COMPOSE_INSIDE';

/**
 * Runs this program again in network and mount namespaces of its own: every port is free, nothing outside can be reached,
 * and files can be put at the paths that a container has them at. Returns only inside; outside it ends the process as the
 * one inside ended. Wants Linux and root.
 */
export function enterSandbox(): void {
  if (process.env[INSIDE] !== undefined) return;
  // --kill-child: no server outlives this process.
  const args = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child'];
  const { status, error } = spawnSync('unshare', [...args, process.execPath, ...process.argv.slice(1)], {
    env: { ...process.env, [INSIDE]: 'true' },
    stdio: 'inherit',
  });
  if (error) throw new Error(`It wants Linux, root and unshare: ${error.message}`);
  process.exit(status ?? 1);
}

/**
 * Gives each name an address of its own on loopback, and makes `/etc` and `/run` places that can be written to and are gone
 * with the sandbox.
 *
 * @param scratch a directory
 * @returns the addresses
 */
export function prepareSandbox(names: readonly string[], scratch: string): ReadonlyMap<string, string> {
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
  // An overlay's upper side must not itself lie on an overlay, as the root of a container does.
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', scratch]);
  const [upper, work] = [join(scratch, 'etc'), join(scratch, 'work')];
  mkdirSync(upper);
  mkdirSync(work);
  const options = `lowerdir=/etc,upperdir=${upper},workdir=${work}`;
  execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', options, '/etc']);
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
  const addresses = new Map(names.map((name, index) => [name, `127.0.1.${index + 1}`]));
  for (const [name, address] of addresses) appendFileSync('/etc/hosts', `\n${address} ${name}\n`);
  return addresses;
}

/** Writes a file, at any path under `/etc`, `/run` or the scratch directory. */
export function putFile(path: string, content: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { mode });
}

/** What a container calls its own loopback or every address is, in here, the service's one address. */
export function atAddress(text: string, address: string): string {
  return text.replaceAll(/\b(?:127\.0\.0\.1|0\.0\.0\.0)\b/g, address);
}
