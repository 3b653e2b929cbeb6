import { context, propagation, type Tracer } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { WorkerOptions } from '@temporalio/worker';

/** Tracing that is switched on. */
export interface Tracing {
  /** What the worker needs so that workflows and activities make spans. The workflow bundle is the same with and without. */
  readonly workerOptions: Pick<WorkerOptions, 'interceptors' | 'sinks'>;
  /** Sends what was not sent yet. */
  stop(): Promise<void>;
}

/** Tracing that is off: the workflow bundle makes its spans all the same, and nobody takes them. */
export const NO_TRACING: Tracing = {
  workerOptions: { sinks: { exporter: { export: { fn: () => undefined } } } },
  stop: () => Promise.resolve(),
};

/** Name of this service in traces unless `OTEL_SERVICE_NAME` or `OTEL_RESOURCE_ATTRIBUTES` tell another. */
const SERVICE_NAME = 'marketo-lead-extract';

/** Whether the standard variables ask for traces: an OTLP endpoint is named, and nothing says no. */
export function wantsTracing(environment: NodeJS.ProcessEnv): boolean {
  const endpoint =
    environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ?? environment['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '';
  const off =
    environment['OTEL_SDK_DISABLED']?.toLowerCase() === 'true' || environment['OTEL_TRACES_EXPORTER'] === 'none';
  return endpoint !== '' && !off;
}

/**
 * Starts tracing as OpenTelemetry's standard variables say: endpoint, headers, service name, resource attributes, sampler and
 * batching are read by OpenTelemetry itself. Traces are sent by OTLP over HTTP with protobuf. Its code is loaded only here.
 */
export async function startTracing(): Promise<Tracing> {
  const [{ OTLPTraceExporter }, traceBase, resources, { AsyncLocalStorageContextManager }] = await Promise.all([
    import('@opentelemetry/exporter-trace-otlp-proto'),
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/context-async-hooks'),
  ]);
  const { attributes } = resources.detectResourcesSync({ detectors: [resources.envDetectorSync] });
  const resource = new resources.Resource({ 'service.name': SERVICE_NAME, ...attributes });
  const spanProcessor = new traceBase.BatchSpanProcessor(new OTLPTraceExporter());
  const provider = new traceBase.BasicTracerProvider({ resource, spanProcessors: [spanProcessor] });
  provider.register({ contextManager: new AsyncLocalStorageContextManager().enable() });
  return {
    workerOptions: await workerOptions(provider.getTracer(SERVICE_NAME), spanProcessor, resource),
    stop: async () => {
      await provider.shutdown();
      context.disable();
      propagation.disable();
    },
  };
}

async function workerOptions(
  tracer: Tracer,
  spanProcessor: SpanProcessor,
  resource: Resource,
): Promise<Tracing['workerOptions']> {
  const [client, worker] = await Promise.all([
    import('@temporalio/interceptors-opentelemetry/lib/client/index.js'),
    import('@temporalio/interceptors-opentelemetry/lib/worker/index.js'),
  ]);
  return {
    sinks: { exporter: worker.makeWorkflowExporter(spanProcessor, resource) },
    interceptors: {
      client: { workflow: [new client.OpenTelemetryWorkflowClientInterceptor({ tracer })] },
      activity: [
        (activity) => ({
          inbound: new worker.OpenTelemetryActivityInboundInterceptor(activity, { tracer }),
          outbound: new worker.OpenTelemetryActivityOutboundInterceptor(activity),
        }),
      ],
    },
  };
}
