/** Environment variables, of which those for proxies are read, in capitals or not. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>;

/** Loopback is never reached through a proxy. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * URL of the proxy that a URL is reached through, with its credentials; `undefined` where it is reached directly. Of a
 * variable in both spellings the one in small letters counts, as for curl.
 *
 * `NO_PROXY` is a list of hosts apart by commas or spaces: `example.com` and `.example.com` stand for a host and everything
 * below it, `example.com:8443` for that port alone, `*` for every host.
 *
 * @throws Error naming a variable that is no URL of an http or https proxy
 */
export function proxyUrlFor(url: string | URL, env: ProxyEnvironment): string | undefined {
  const { protocol, hostname, port } = new URL(url);
  const name = protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const value = valueOf(env, name);
  if (value === '' || LOOPBACK.test(hostname)) return undefined;
  const host = hostname.toLowerCase();
  const effectivePort = port || (protocol === 'https:' ? '443' : '80');
  const excepted = valueOf(env, 'no_proxy')
    .split(/[\s,]+/)
    .some((entry) => covers(entry.toLowerCase(), host, effectivePort));
  return excepted ? undefined : proxyUrl(name.toUpperCase(), value);
}

/** As {@link proxyUrlFor}, fit to be shown: `http://proxy.example.com:3128`, without credentials. */
export function proxyFor(url: string | URL, env: ProxyEnvironment): string | undefined {
  const proxy = proxyUrlFor(url, env);
  return proxy === undefined ? undefined : new URL(proxy).origin;
}

/** What is wrong with the variables for proxies, a sentence for each; also where `NO_PROXY` leaves them unused. */
export function proxyProblems(env: ProxyEnvironment): string[] {
  return ['http_proxy', 'https_proxy'].flatMap((name) => {
    const value = valueOf(env, name);
    try {
      if (value !== '') proxyUrl(name.toUpperCase(), value);
      return [];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  });
}

/** Which way a URL is reached, for people: `directly`, or `through the proxy http://proxy.example.com:3128`. */
export function wayTo(url: string | URL, env: ProxyEnvironment): string {
  const proxy = proxyFor(url, env);
  return proxy === undefined ? 'directly' : `through the proxy ${proxy}`;
}

function valueOf(env: ProxyEnvironment, name: string): string {
  return (env[name] || env[name.toUpperCase()])?.trim() ?? '';
}

function covers(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const [, name = '', ofPort] = /^(.*?)(?::(\d+))?$/.exec(entry.replace(/^\*?\./, '')) ?? [];
  if (name === '' || (ofPort !== undefined && ofPort !== port)) return false;
  return host === name || host.endsWith(`.${name}`);
}

function proxyUrl(name: string, value: string): string {
  const withScheme = value.includes('://') ? value : `http://${value}`;
  if (!URL.canParse(withScheme) || !/^https?:/i.test(withScheme)) {
    // Its value may hold a password and is not shown.
    throw new Error(`${name} is not the URL of a proxy: valid is http://host:port or https://host:port`);
  }
  return new URL(withScheme).href;
}
