/** Stops what the set-up started. */
export default async function globalTeardown() {
  await Promise.all(globalThis.startedServers.map((server) => server.stop()));
}
