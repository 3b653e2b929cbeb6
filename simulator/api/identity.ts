import type { ServerResponse } from 'node:http';
import { sendJson } from '../answers.js';
import { effectOf, type FaultEffect } from '../effects.js';
import type { Identity } from '../identity.js';

/** The token of a custom service of the instance, or 401 in OAuth's form (Adobe: Authentication). */
export function answerIdentity(
  services: readonly Identity[],
  query: URLSearchParams,
  effects: readonly FaultEffect[],
  response: ServerResponse,
): void {
  const service = services.find(({ credentials }) => credentials.clientId === query.get('client_id'));
  if (query.get('grant_type') !== 'client_credentials') {
    sendJson(response, { error: 'unsupported_grant_type', error_description: 'Unsupported grant type' }, 400);
  } else if (!service) {
    sendJson(response, { error: 'invalid_client', error_description: 'No client with requested id' }, 401);
  } else if (query.get('client_secret') !== service.credentials.clientSecret) {
    sendJson(response, { error: 'unauthorized', error_description: 'Bad client credentials' }, 401);
  } else {
    const token = service.issue();
    const asText = effectOf(effects, 'expiresInAsText') !== undefined;
    sendJson(response, asText ? { ...token, expires_in: String(token.expires_in) } : token);
  }
}
