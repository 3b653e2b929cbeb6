import { basename, relative } from 'node:path';

/** The name of the package's program. */
export const PROGRAM = 'marketo-lead-extract';

/** A process, as far as it tells how it was started. */
export interface Started {
  readonly env: NodeJS.ProcessEnv;
  /** Path of the program, as Node has it. */
  readonly program: string;
  readonly directory: string;
}

/** How the user called this program, to be put before a command in hints: by npm in a checkout, by npx, by its name, by its path. */
export function commandName({ env, program, directory }: Started): string {
  if (env['npm_lifecycle_event'] === 'extract' && env['npm_package_name'] === PROGRAM) return 'npm run -s extract --';
  if (env['npm_lifecycle_event'] === 'npx' || env['npm_command'] === 'exec') return `npx ${PROGRAM}`;
  return basename(program) === PROGRAM ? PROGRAM : `node ${relative(directory, program)}`;
}
