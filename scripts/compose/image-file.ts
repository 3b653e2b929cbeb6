import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../root.js';

/** What a target of the Dockerfile says of running it, with what it takes over from the stages that it is made from. */
export interface ImageTarget {
  readonly environment: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
}

/** @throws Error where the Dockerfile has no such target */
export function readImageTarget(target: string): ImageTarget {
  const text = readFileSync(join(ROOT, 'Dockerfile'), 'utf8').replaceAll(/\\\n/g, ' ');
  const stages = new Map<string, ImageTarget>();
  for (const stage of text.split(/^(?=FROM )/m).filter((part) => part.startsWith('FROM '))) {
    const [base = '', name = ''] = /^FROM (\S+ AS \S+)/.exec(stage)?.[1]?.split(' AS ') ?? [];
    const from = stages.get(base);
    const pairs = [...stage.matchAll(/^ENV (.+)$/gm)].flatMap(([, line = '']) => line.trim().split(/\s+/));
    stages.set(name, {
      environment: { ...from?.environment, ...Object.fromEntries(pairs.map(nameAndValue)) },
      entrypoint: listOf(stage, 'ENTRYPOINT') ?? from?.entrypoint ?? [],
      command: listOf(stage, 'CMD') ?? from?.command ?? [],
    });
  }
  const found = stages.get(target);
  if (!found) throw new Error(`The Dockerfile has no target ${target}`);
  return found;
}

function nameAndValue(pair: string): [string, string] {
  const equals = pair.indexOf('=');
  return [pair.slice(0, equals), pair.slice(equals + 1)];
}

/** The list of an instruction in its exec form. A `CMD` that is indented belongs to a `HEALTHCHECK`. */
function listOf(stage: string, instruction: string): readonly string[] | undefined {
  const list = new RegExp(`^${instruction} (\\[.*\\])$`, 'm').exec(stage)?.[1];
  return list === undefined ? undefined : (JSON.parse(list) as string[]);
}
