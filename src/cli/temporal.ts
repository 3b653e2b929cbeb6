import {
  Client,
  Connection,
  isGrpcServiceError,
  NamespaceNotFoundError,
  ServiceError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { abortable } from '../promises/abortable.js';
import { CommandError } from './exit.js';
import type { Terminal } from './terminal.js';

/** How long a single call to Temporal may take, the connection included. */
const CALL_MILLISECONDS = 10_000;

/** gRPC status codes (gRPC: Status codes and their use). */
const GRPC = { deadlineExceeded: 4, notFound: 5, permissionDenied: 7, unavailable: 14, unauthenticated: 16 } as const;

/** A connection to Temporal, and how to use it without ever hanging. */
export interface Temporal {
  readonly client: Client;
  readonly address: string;
  readonly namespace: string;
  /** See {@link Terminal}. */
  readonly command: string;
  /** Makes a call that ends within 10 seconds, or at once when `signal` is aborted. */
  readonly call: <R>(work: () => Promise<R>, signal?: AbortSignal) => Promise<R>;
}

/**
 * Connects by Temporal's own environment variables and profiles, runs `body` and closes the connection.
 *
 * @throws CommandError naming the address if Temporal can't be reached or refuses
 */
export async function withTemporal<R>(
  { env, command }: Pick<Terminal, 'env' | 'command'>,
  body: (temporal: Temporal) => Promise<R>,
): Promise<R> {
  const { connectionOptions, namespace = 'default' } = readTemporalConfig(env);
  const address = connectionOptions.address ?? 'localhost:7233';
  const connection = await connect(connectionOptions, address);
  try {
    const client = new Client({ connection, namespace });
    return await body({ client, address, namespace, command, call: callsOver(connection) });
  } catch (error) {
    throw explained(error, address, namespace);
  } finally {
    await connection.close();
  }
}

/** True for what passes by itself: Temporal is not reachable, or did not answer in time. */
export function isOutage(error: unknown): boolean {
  const code = grpcCode(error);
  return code === GRPC.unavailable || code === GRPC.deadlineExceeded;
}

/** The message of Temporal's server, where an error came from there. */
export function serverMessage(error: unknown): string {
  const cause = error instanceof ServiceError ? error.cause : error;
  if (isGrpcServiceError(cause)) return cause.details;
  return cause instanceof Error ? cause.message : String(cause);
}

type ConnectConfig = ReturnType<typeof loadClientConnectConfig>;

function readTemporalConfig(environment: NodeJS.ProcessEnv): ConnectConfig {
  const given = Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined);
  try {
    return loadClientConnectConfig({ overrideEnvVars: Object.fromEntries(given) });
  } catch (error) {
    throw new CommandError(`The configuration of the connection to Temporal is wrong: ${serverMessage(error)}`);
  }
}

async function connect(options: ConnectConfig['connectionOptions'], address: string): Promise<Connection> {
  const connection = Connection.lazy({ ...options, address, connectTimeout: CALL_MILLISECONDS });
  try {
    await connection.ensureConnected();
    return connection;
  } catch (error) {
    await connection.close();
    throw new CommandError(
      `Temporal cannot be reached at ${address}: ${serverMessage(error)}. Is it running, and is TEMPORAL_ADDRESS right?`,
    );
  }
}

function callsOver(connection: Connection): Temporal['call'] {
  // The SDK's own `withAbortSignal` leaves a listener behind with each call: too many for a run of days.
  return (work, signal) => abortable(connection.withDeadline(Date.now() + CALL_MILLISECONDS, work), signal);
}

/** Errors of calls as sentences; what is already one, or not of the connection, stays as it is. */
function explained(error: unknown, address: string, namespace: string): unknown {
  if (error instanceof WorkflowNotFoundError) {
    return new CommandError(`There is no run "${error.workflowId}" in the namespace ${namespace} at ${address}.`);
  }
  if (error instanceof NamespaceNotFoundError) {
    return new CommandError(`Temporal at ${address} has no namespace ${namespace}: is TEMPORAL_NAMESPACE right?`);
  }
  const code = grpcCode(error);
  if (code === undefined) return error;
  const message = serverMessage(error);
  if (isOutage(error)) return new CommandError(`Temporal at ${address} does not answer: ${message}`);
  if (code === GRPC.permissionDenied || code === GRPC.unauthenticated) {
    return new CommandError(`Temporal at ${address} refuses access to the namespace ${namespace}: ${message}`);
  }
  return new CommandError(`Temporal at ${address}, namespace ${namespace}: ${message}`);
}

function grpcCode(error: unknown): number | undefined {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? cause.code : undefined;
}
