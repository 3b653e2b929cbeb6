import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Makes a certificate authority that nobody knows, and a certificate of it for hosts, by openssl. */
export async function makeCertificate(
  directory: string,
  hosts: readonly string[],
): Promise<{ readonly caFile: string; readonly key: Buffer; readonly cert: Buffer }> {
  const path = (name: string): string => join(directory, name);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await run('openssl', [
    ...['req', '-x509', ...newKey, '-keyout', path('ca.key'), '-out', path('ca.pem'), '-days', '2'],
    ...['-subj', '/CN=A company of its own'],
  ]);
  await run('openssl', [
    'req',
    ...newKey,
    '-keyout',
    path('key.pem'),
    '-out',
    path('request.pem'),
    '-subj',
    '/CN=test',
  ]);
  await writeFile(path('names'), `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(',')}`);
  await run('openssl', [
    ...['x509', '-req', '-in', path('request.pem'), '-CA', path('ca.pem'), '-CAkey', path('ca.key')],
    ...['-CAcreateserial', '-out', path('cert.pem'), '-days', '2', '-extfile', path('names')],
  ]);
  const [key, cert] = await Promise.all([readFile(path('key.pem')), readFile(path('cert.pem'))]);
  return { caFile: path('ca.pem'), key, cert };
}
