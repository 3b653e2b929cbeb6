import { fileURLToPath } from 'node:url';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { DefaultLogger, makeTelemetryFilterString, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities, type Dependencies } from './activities/index.js';
import { ConfigError, readConfig, type WorkerConfig } from './config.js';
import { createMarketoClient } from './marketo/client.js';
import { activityMetrics } from './observability/activity-metrics.js';
import { serveHealth } from './observability/health.js';
import { Metrics, STAGE_BUCKETS_SECONDS, STAGE_SECONDS } from './observability/metrics.js';
import { Readiness } from './observability/readiness.js';
import { NO_TRACING, startTracing, wantsTracing, type Tracing } from './observability/tracing.js';
import { abortable } from './promises/abortable.js';
import { checkCredentials } from './storage/check-credentials.js';
import { createObjectStore } from './storage/object-store.js';

/** Workflow code, bundled by the build: a worker starts in a second and runs what was tested. */
const WORKFLOW_BUNDLE = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));

/** Heartbeat details that nobody can read would fail each further attempt of an activity without end, as they would a workflow. */
const PAYLOAD_CONVERTER = fileURLToPath(new URL('./workflows/payload-converter.js', import.meta.url));

/**
 * Runs a worker until it is told to stop. Activities get 30 seconds to end by themselves; a transfer that needs longer is
 * handed over: the next attempt, here or on another worker, goes on from the bytes in S3.
 *
 * @returns what the process should end with; what is wrong has been told on stderr then
 */
export async function work(stopped: AbortSignal): Promise<0 | 1> {
  try {
    const config = readConfig(process.env);
    installRuntime(config);
    const tracing = wantsTracing(process.env) ? await startTracing() : NO_TRACING;
    try {
      await runWorker(config, tracing, stopped);
    } finally {
      await tracing.stop();
    }
    return 0;
  } catch (error) {
    if (error === stopped.reason) return 0;
    const told = error instanceof ConfigError || error instanceof ConnectionError;
    process.stderr.write(`${told ? error.message : `The worker stopped: ${String(error)}`}\n`);
    return 1;
  }
}

/** Temporal cannot be reached; the message is for people. */
class ConnectionError extends Error {}

async function connect(stopped: AbortSignal): Promise<{ connection: NativeConnection; namespace: string }> {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  try {
    return { connection: await abortable(NativeConnection.connect(connectionOptions), stopped), namespace };
  } catch (error) {
    stopped.throwIfAborted();
    const address = connectionOptions.address ?? 'localhost:7233';
    // Temporal's core tells it as Rust prints it; what the operating system says is in there.
    const message = error instanceof Error ? error.message : String(error);
    const why = /message: "([^"]+)"/.exec(message)?.[1] ?? message;
    throw new ConnectionError(
      `Temporal cannot be reached at ${address}: ${why}. Is it running, and is TEMPORAL_ADDRESS right?`,
    );
  }
}

async function runWorker(config: WorkerConfig, { workerOptions }: Tracing, stopped: AbortSignal): Promise<void> {
  const { connection, namespace } = await connect(stopped);
  const metrics = new Metrics(Runtime.instance().metricMeter);
  const dependencies = dependenciesOf(config, metrics);
  try {
    const worker = await Worker.create({
      connection,
      namespace,
      taskQueue: config.taskQueue,
      workflowBundle: { codePath: WORKFLOW_BUNDLE },
      dataConverter: { payloadConverterPath: PAYLOAD_CONVERTER },
      activities: createActivities(dependencies),
      ...workerOptions,
      interceptors: {
        ...workerOptions.interceptors,
        activity: [activityMetrics(metrics), ...(workerOptions.interceptors?.activity ?? [])],
      },
      shutdownGraceTime: '30 seconds',
      // What is cancelled hears of it with the answer to its heartbeats: within seconds, not in most of a minute.
      maxHeartbeatThrottleInterval: '5 seconds',
      defaultHeartbeatThrottleInterval: '5 seconds',
      // A run has at most a dozen open children: more workflows in memory only cost it.
      maxCachedWorkflows: 50,
      // Each transfer holds three buffers: this bounds the memory of a worker, whatever is queued.
      maxConcurrentActivityTaskExecutions: 20,
      ...(config.deployment && {
        workerDeploymentOptions: {
          version: { deploymentName: config.deployment.name, buildId: config.deployment.buildId },
          useWorkerVersioning: true,
          defaultVersioningBehavior: 'PINNED' as const,
        },
      }),
    });
    Runtime.instance().logger.info('worker started', {
      taskQueue: config.taskQueue,
      namespace,
      instance: new URL(config.marketo.endpoint).host,
    });
    const readiness = readinessOf(dependencies, metrics);
    const health =
      config.healthAddress === undefined
        ? undefined
        : await serveHealth(config.healthAddress, () => {
            const state = worker.getState();
            return state === 'RUNNING' ? readiness.trouble : `The worker is ${state.toLowerCase()}.`;
          });
    const ended = new AbortController();
    const watching = readiness.watch(ended.signal);
    const shutdown = (): void => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
    };
    try {
      const running = worker.run();
      if (stopped.aborted) shutdown();
      stopped.addEventListener('abort', shutdown);
      await running;
    } finally {
      stopped.removeEventListener('abort', shutdown);
      ended.abort();
      await Promise.all([watching, health?.close()]);
    }
  } finally {
    await connection.close();
  }
}

/** The connections to Marketo and S3, counted. */
function dependenciesOf(config: WorkerConfig, metrics: Metrics): Dependencies {
  return {
    marketo: createMarketoClient({
      ...config.marketo,
      onCall: (endpoint, code) => {
        metrics.call(endpoint, code);
      },
    }),
    store: createObjectStore(config.s3),
    onDownloadResumed: () => {
      metrics.downloadResumed();
    },
  };
}

/** Says in the log and in the metrics whether Marketo and S3 can be used. The worker goes on in any case: a run may wait. */
function readinessOf({ marketo, store }: Dependencies, metrics: Metrics): Readiness {
  return new Readiness({
    checks: {
      marketo: (signal) => marketo.authenticate(signal),
      s3: (signal) => checkCredentials(store, signal),
    },
    onChange: (dependency, trouble) => {
      metrics.dependency(dependency, trouble === undefined);
      const { logger } = Runtime.instance();
      if (trouble === undefined) logger.info(`${dependency === 's3' ? 'S3' : 'Marketo'} can be used`, { dependency });
      else logger.warn(trouble, { dependency });
    },
  });
}

/** One JSON object a line for logs, and Prometheus metrics where an address is given. */
function installRuntime({ metricsAddress }: WorkerConfig): void {
  Runtime.install({
    // They reach whoever started this: see `work`.
    shutdownSignals: [],
    logger: new DefaultLogger('INFO', ({ level, message, meta, timestampNanos }) => {
      const time = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
      process.stdout.write(`${JSON.stringify({ time, level, message, ...meta }, withoutSecrets)}\n`);
    }),
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
      ...(metricsAddress !== undefined && {
        metrics: {
          prometheus: {
            bindAddress: metricsAddress,
            countersTotalSuffix: true,
            useSecondsForDurations: true,
            histogramBucketOverrides: { [STAGE_SECONDS]: STAGE_BUCKETS_SECONDS },
          },
        },
      }),
    },
  });
}

/** Errors become type and message: their other properties are not ours and may hold anything. */
function withoutSecrets(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  return value instanceof Error ? { name: value.name, message: value.message } : value;
}
