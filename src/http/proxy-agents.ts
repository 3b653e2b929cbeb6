import { Agent as BaseAgent, type AgentConnectOpts } from 'agent-base';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { Agent as HttpAgent, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import { proxyUrlFor, type ProxyEnvironment } from './proxy-environment.js';

/** How connections are kept; `maxSockets` counts those to one host. */
export interface ConnectionOptions {
  readonly keepAlive: boolean;
  readonly maxSockets?: number;
  /** An idle connection is closed after so long. */
  readonly timeout?: number;
}

/** A pair of agents as got (`agent`) and the S3 SDK (`NodeHttpHandler`) take them. */
export interface ProxyAgents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

/** The proxy has so long to make a tunnel. */
const TUNNEL_MILLISECONDS = 10_000;

/** Begins the code of an error that the proxy is to blame for, whose message says so. Nothing was sent then. */
export const PROXY_ERROR = 'PROXY_';

/**
 * Agents that go the way that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say, decided for each connection; Node's own
 * agents where no proxy is set. Which certificates are trusted is Node's business (`NODE_EXTRA_CA_CERTS`).
 *
 * @throws Error naming a variable that is no URL of an http or https proxy
 */
export function createProxyAgents(options: ConnectionOptions, env: ProxyEnvironment): ProxyAgents {
  const direct = { http: new HttpAgent(options), https: new HttpsAgent(options) };
  // Any public host will do: whether there is a proxy at all, and whether its URL can be used.
  const proxies = ['http://proxied.invalid', 'https://proxied.invalid'].map((url) =>
    proxyUrlFor(url, { ...env, NO_PROXY: '', no_proxy: '' }),
  );
  if (proxies.every((proxy) => proxy === undefined)) return direct;
  const byEnvironment = new AgentByEnvironment(options, env, direct);
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- no client asks for its class
  return { http: byEnvironment, https: byEnvironment };
}

/** Keeps tunnels for itself; direct connections are kept by Node's own agents. */
class AgentByEnvironment extends BaseAgent {
  constructor(
    connections: ConnectionOptions,
    private readonly env: ProxyEnvironment,
    private readonly direct: ProxyAgents,
  ) {
    super(connections);
  }

  override connect(request: ClientRequest, options: AgentConnectOpts): Promise<Duplex> | HttpAgent {
    const { secureEndpoint, host = '', port } = options;
    const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    const proxy = proxyUrlFor(`${secureEndpoint ? 'https' : 'http'}://${authority}`, this.env);
    if (proxy === undefined) return secureEndpoint ? this.direct.https : this.direct.http;
    // Its requests are written for the proxy only where they open a connection: none is kept.
    return secureEndpoint ? tunnel(proxy, request, options) : new HttpProxyAgent(proxy);
  }
}

/** A connection to the host through the proxy (CONNECT), encrypted from end to end. */
async function tunnel(proxy: string, request: ClientRequest, options: AgentConnectOpts): Promise<Duplex> {
  const late = new AbortController();
  const timer = setTimeout(() => {
    late.abort();
  }, TUNNEL_MILLISECONDS);
  let status = 200;
  request.once('proxyConnect', ({ statusCode = 0 }: IncomingMessage) => (status = statusCode));
  try {
    const socket = await new HttpsProxyAgent(proxy, { signal: late.signal }).connect(request, options);
    if (status === 200) return socket;
    // Its answer would be taken for that of the host otherwise.
    socket.destroy();
    throw proxyError(`REFUSED_${status}`, `the proxy refused the tunnel with status ${status}`);
  } catch (error) {
    if (!late.signal.aborted) throw error;
    throw proxyError('TIMEOUT', `the proxy made no tunnel within ${TUNNEL_MILLISECONDS / 1000} s`);
  } finally {
    clearTimeout(timer);
  }
}

function proxyError(what: string, message: string): Error {
  return Object.assign(new Error(message), { code: `${PROXY_ERROR}${what}` });
}
