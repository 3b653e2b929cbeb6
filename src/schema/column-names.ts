import { utf8Bytes } from '../contract/utf8.js';

/** What an engine allows in the name of a column. */
export interface NameRules {
  /** Longest name in bytes of UTF-8; what is longer the engine would refuse, or cut until two are the same. */
  readonly maxBytes: number;
  /** True where names are of ASCII letters, digits and `_` alone, quoted or not. */
  readonly plain?: true;
}

/**
 * Names of columns as an engine takes them, in their order: what it does not allow is replaced by `_`, what is too long is cut, and
 * what is then the same as a name before it, but for case, gets a number. Engines that tell case apart get the number too: names
 * that differ in case alone are rare, and tools mix them up.
 */
export function columnNames(names: readonly string[], { maxBytes, plain }: NameRules): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const allowed = plain ? name.replace(/\W/g, '_').replace(/^(?=\d)/, '_') : name.replace(/\p{Cc}/gu, '_');
    const wanted = allowed === '' ? '_' : allowed;
    let unique = cut(wanted, maxBytes);
    for (let number = 2; taken.has(unique.toLowerCase()); number++) {
      const suffix = `_${number}`;
      unique = cut(wanted, maxBytes - suffix.length) + suffix;
    }
    taken.add(unique.toLowerCase());
    return unique;
  });
}

/** As many whole characters of a text as fit. */
function cut(text: string, maxBytes: number): string {
  let bytes = 0;
  let fitting = '';
  for (const character of text) {
    bytes += utf8Bytes(character);
    if (bytes > maxBytes) break;
    fitting += character;
  }
  return fitting;
}
