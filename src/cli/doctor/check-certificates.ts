import { readFile } from 'node:fs/promises';
import { CommandError } from '../exit.js';
import type { Checklist } from './checklist.js';

/** Tells which certificates are trusted, since a company's own CA is the usual reason why nothing can be reached. */
export async function checkCertificates(report: Checklist, environment: NodeJS.ProcessEnv): Promise<void> {
  const file = environment['NODE_EXTRA_CA_CERTS'] ?? '';
  if (file === '') {
    report.note('certificates', 'those that Node trusts; NODE_EXTRA_CA_CERTS is not set');
    return;
  }
  await report.check('certificates', async () => {
    const found = await readFile(file, 'utf8').catch(() => {
      throw new CommandError(`NODE_EXTRA_CA_CERTS names ${file}, which cannot be read.`);
    });
    if (!found.includes('-----BEGIN ')) {
      throw new CommandError(`NODE_EXTRA_CA_CERTS names ${file}, which holds no certificate in PEM.`);
    }
    return { found, says: `those that Node trusts, and those of ${file} (NODE_EXTRA_CA_CERTS)` };
  });
}
