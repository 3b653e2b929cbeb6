/** `host:port` with the host as URLs have it: an IPv6 address in brackets. */
export const ADDRESS = /^(?:[\w.-]+|\[[\da-f:.]+\]):\d{1,5}$/i;

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** True if only this machine reaches what listens there. */
export function isLoopback(address: string): boolean {
  return LOOPBACK.test(hostOf(address));
}

/**
 * Whether a request means this page: a site of somebody else's that lets its own name point here (DNS rebinding) could read
 * everything. The port does not count, since containers publish another one.
 *
 * @param header the request's `Host`
 * @param address what the page listens on: `host:port`
 */
export function isOwnHost(header: string | undefined, address: string): boolean {
  if (header === undefined || !/^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i.test(header)) return false;
  const host = hostOf(header);
  return LOOPBACK.test(host) || host === hostOf(address);
}

function hostOf(address: string): string {
  return address.replace(/:\d+$/, '').toLowerCase();
}
