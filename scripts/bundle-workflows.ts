// Bundles the workflow code once, so that a worker starts at once and runs the very code that was built and tested.
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const require = createRequire(import.meta.url);

const { code } = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL('../src/workflows/index.js', import.meta.url)),
  payloadConverterPath: fileURLToPath(new URL('../src/workflows/payload-converter.js', import.meta.url)),
  // Always there, so that the same code runs whether or not a worker is told to trace: the spans go nowhere then.
  workflowInterceptorModules: [require.resolve('@temporalio/interceptors-opentelemetry/lib/workflow-interceptors')],
  logger: new DefaultLogger('WARN'),
});
await writeFile(new URL('../workflow-bundle.js', import.meta.url), code);
