import { existsSync, readFileSync } from 'node:fs';

/** Version of the package. */
export const VERSION = readVersion(new URL('.', import.meta.url));

/** `package.json` lies at another depth above the source than above the built file. */
function readVersion(directory: URL): string {
  const file = new URL('package.json', directory);
  if (!existsSync(file)) return readVersion(new URL('..', directory));
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
