// docker-compose.yml as Compose reads it, as far as it is used there.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../root.js';

/** A service, with every variable put in. */
export interface ComposeService {
  readonly image: string;
  readonly build?: { readonly target: string };
  readonly profiles?: readonly string[];
  readonly restart?: string;
  readonly logging?: unknown;
  readonly mem_limit?: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly configs?: readonly { readonly source: string; readonly target: string }[];
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
}

/** The file, with every variable put in. */
export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly configs: Readonly<Record<string, { readonly content?: string; readonly file?: string }>>;
  readonly secrets: Readonly<Record<string, { readonly environment: string }>>;
}

/** @param variables what Compose takes from the shell and from `.env` */
export function readComposeFile(variables: Readonly<Record<string, string>>): ComposeFile {
  const file: unknown = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true });
  return mapStrings(file, (text) => interpolate(text, variables)) as ComposeFile;
}

/**
 * Puts variables in as Compose does: `$NAME`, `${NAME}`, and with a default where it is unset or empty `${NAME:-default}`.
 * `$$` is a dollar sign.
 *
 * @throws Error for any other use of a dollar sign: what this does not know, it must not guess
 */
export function interpolate(text: string, variables: Readonly<Record<string, string>>): string {
  const value = (name: string): string => variables[name] ?? '';
  return text.replace(
    /\$(?:(\$)|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::-([^{}]*))?\}|(.?))/g,
    (all, dollar?: string, bare?: string, braced?: string, fallback?: string) => {
      if (dollar !== undefined) return '$';
      if (bare !== undefined) return value(bare);
      if (braced === undefined) throw new Error(`"${all}" in docker-compose.yml is not understood here`);
      return value(braced) === '' ? (fallback ?? '') : value(braced);
    },
  );
}

/** The services that are wanted and those that they wait for, each after those. */
export function inOrder(file: ComposeFile, wanted: readonly string[]): string[] {
  const order = new Set<string>();
  const add = (name: string): void => {
    for (const before of Object.keys(file.services[name]?.depends_on ?? {})) add(before);
    order.add(name);
  };
  for (const name of wanted) add(name);
  return [...order];
}

function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item: unknown) => mapStrings(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapStrings(item, change)]));
}
