import { randomUUID } from 'node:crypto';
import { Client, Connection, WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { RawValue } from '@temporalio/common';
import type { RawPayloads } from './arbitrary-payloads.js';

const NAMESPACE = 'default';

/** `WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND`: so many messages came during a task that the server began it again. */
const BEGUN_AGAIN = 17;

/** Sends what no client of this project would: payloads as they are, past every converter. */
export class RawClient {
  private constructor(
    private readonly connection: Connection,
    readonly client: Client,
    private readonly taskQueue: string,
  ) {}

  static async connect(address: string, taskQueue: string): Promise<RawClient> {
    const connection = await Connection.connect({ address });
    return new RawClient(connection, new Client({ connection }), taskQueue);
  }

  async start(type: string, input: RawPayloads, workflowId = `messages-${randomUUID()}`): Promise<WorkflowHandle> {
    const { runId } = await this.connection.workflowService.startWorkflowExecution({
      namespace: NAMESPACE,
      workflowId,
      requestId: randomUUID(),
      workflowType: { name: type },
      taskQueue: { name: this.taskQueue },
      input: { payloads: [...input] },
    });
    return this.client.workflow.getHandle(workflowId, runId);
  }

  async signal({ workflowId }: WorkflowHandle, signalName: string, input: RawPayloads): Promise<void> {
    await this.connection.workflowService.signalWorkflowExecution({
      namespace: NAMESPACE,
      workflowExecution: { workflowId },
      signalName,
      requestId: randomUUID(),
      input: input.length === 0 ? null : { payloads: [...input] },
    });
  }

  /** Whether the update was carried out; it is refused otherwise. */
  async update({ workflowId }: WorkflowHandle, name: string, args: RawPayloads): Promise<boolean> {
    const update = { args: args.map((payload): unknown => RawValue.fromPayload(payload)) as [unknown, ...unknown[]] };
    try {
      await this.client.workflow.getHandle(workflowId).executeUpdate(name, update);
      return true;
    } catch (error) {
      if (error instanceof WorkflowUpdateFailedError) return false;
      throw error;
    }
  }

  /** The answer of a query. */
  async query({ workflowId }: WorkflowHandle, queryType: string, args: RawPayloads): Promise<unknown> {
    const { queryResult } = await this.connection.workflowService.queryWorkflow({
      namespace: NAMESPACE,
      execution: { workflowId },
      query: { queryType, queryArgs: { payloads: [...args] } },
    });
    return JSON.parse(Buffer.from(queryResult?.payloads?.[0]?.data ?? []).toString());
  }

  /** How a workflow ended: its status, and the type and message of its failure where it failed. */
  async end(handle: WorkflowHandle): Promise<{ status: string; type: string; message: string }> {
    await handle.result().catch(() => undefined);
    const [{ status }, { events }] = await Promise.all([handle.describe(), handle.fetchHistory()]);
    const failure = events?.at(-1)?.workflowExecutionFailedEventAttributes?.failure;
    return {
      status: status.name,
      type: failure?.applicationFailureInfo?.type ?? '',
      message: failure?.message ?? '',
    };
  }

  /** Why workflow tasks failed: such a workflow stands, and can neither go on nor be cancelled. */
  async failedTasks(handle: WorkflowHandle): Promise<string[]> {
    const { events } = await handle.fetchHistory();
    return (events ?? []).flatMap(({ workflowTaskFailedEventAttributes: failed }) =>
      failed && Number(failed.cause) !== BEGUN_AGAIN ? `${failed.cause} ${failed.failure?.message ?? ''}` : [],
    );
  }

  async close(): Promise<void> {
    await this.connection.close();
  }
}
