#!/usr/bin/env node
import { EXIT } from './cli/exit.js';
import { run } from './cli/program.js';

/** After Ctrl-C, a command has this long to end by itself. */
const GRACE_MILLISECONDS = 2000;

// Which Node.js runs this is the package's choice, not the user's mistake.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const interruption = new AbortController();
process.on('SIGINT', () => {
  if (interruption.signal.aborted) process.exit(EXIT.detached);
  interruption.abort();
  setTimeout(() => process.exit(EXIT.detached), GRACE_MILLISECONDS).unref();
});
// Whoever read the output has enough of it, such as `head`.
process.stdout.on('error', () => process.exit(EXIT.done));

process.exitCode = await run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  interrupted: interruption.signal,
});
