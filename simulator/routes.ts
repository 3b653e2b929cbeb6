import type { Endpoint } from './faults.js';

/** A call of the REST API; the path's group is the id of a job. */
export interface Route {
  readonly endpoint: Endpoint;
  readonly method: string;
  readonly path: RegExp;
}

/** What there is; identity stands apart, since it needs no token. */
export const ROUTES: readonly Route[] = [
  { endpoint: 'folders', method: 'GET', path: /^\/rest\/asset\/v1\/folders\.json$/ },
  { endpoint: 'describe', method: 'GET', path: /^\/rest\/v1\/leads\/describe2\.json$/ },
  { endpoint: 'describeJson', method: 'GET', path: /^\/rest\/v1\/leads\/describe\.json$/ },
  { endpoint: 'leads', method: 'GET', path: /^\/rest\/v1\/leads\.json$/ },
  { endpoint: 'create', method: 'POST', path: /^\/bulk\/v1\/leads\/export\/create\.json$/ },
  { endpoint: 'list', method: 'GET', path: /^\/bulk\/v1\/leads\/export\.json$/ },
  { endpoint: 'enqueue', method: 'POST', path: /^\/bulk\/v1\/leads\/export\/([^/]+)\/enqueue\.json$/ },
  { endpoint: 'status', method: 'GET', path: /^\/bulk\/v1\/leads\/export\/([^/]+)\/status\.json$/ },
  { endpoint: 'cancel', method: 'POST', path: /^\/bulk\/v1\/leads\/export\/([^/]+)\/cancel\.json$/ },
  { endpoint: 'file', method: 'GET', path: /^\/bulk\/v1\/leads\/export\/([^/]+)\/file\.json$/ },
  { endpoint: 'activityTypes', method: 'GET', path: /^\/rest\/v1\/activities\/types\.json$/ },
  { endpoint: 'pagingToken', method: 'GET', path: /^\/rest\/v1\/activities\/pagingtoken\.json$/ },
  { endpoint: 'deletedLeads', method: 'GET', path: /^\/rest\/v1\/activities\/deletedleads\.json$/ },
  { endpoint: 'activities', method: 'GET', path: /^\/rest\/v1\/activities\.json$/ },
];
