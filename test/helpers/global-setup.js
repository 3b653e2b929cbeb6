// Plain JavaScript: it runs before anything is transformed, and uses the built scripts.
import { existsSync } from 'node:fs';

/**
 * Starts the servers that the tests share, unless the environment names some: Temporal (`TEMPORAL_ADDRESS`) and S3
 * (`AWS_ENDPOINT_URL_S3`). Test files find them, and the time-skipping server's binary, in their environment.
 */
export default async function globalSetup() {
  const servers = new URL('../../lib/scripts/servers/index.js', import.meta.url);
  if (!existsSync(servers)) throw new Error('lib/ is not built: run "npm test", or "node scripts/ensure.js --build"');
  const { startS3, startTemporal } = await import(servers.href);
  const { toolPath } = await import(new URL('../tools.js', servers).href);
  // Of use to developers of this project, but not in each test's output.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  process.env.TEMPORAL_TEST_SERVER ??= toolPath('temporal-test-server');
  const started = await Promise.all([
    ...(process.env.TEMPORAL_ADDRESS ? [] : [startTemporal()]),
    ...(process.env.AWS_ENDPOINT_URL_S3 ? [] : [startS3()]),
  ]);
  for (const server of started) Object.assign(process.env, server.env);
  globalThis.startedServers = started;
}
