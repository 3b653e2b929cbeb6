import { expect } from '@jest/globals';
import type { Instance } from './instance.js';

/** Asks the control endpoint for text. */
export async function ask(instance: Instance, path: string): Promise<string> {
  const answer = await fetch(`${instance.simulator.url}/simulator/${path}`);
  expect(answer.status).toBe(200);
  return answer.text();
}

/** Steers by the control endpoint, which must take it. */
export async function steer(instance: Instance, path: string, body: unknown): Promise<void> {
  expect((await tell(instance, path, body)).status).toBe(200);
}

/** Steers by the control endpoint, which may refuse it. */
export function tell(instance: Instance, path: string, body: unknown): Promise<Response> {
  return fetch(`${instance.simulator.url}/simulator/${path}`, { method: 'POST', body: JSON.stringify(body) });
}
