/** What the user asks for. */
export interface FieldWish {
  /** Names and patterns to export; everything where absent. */
  readonly fields?: readonly string[];
  /** Names and patterns to leave out. */
  readonly excludeFields?: readonly string[];
}

/** The fields of a run, or the patterns that nothing matches. */
export type FieldChoice =
  | {
      readonly fields: readonly string[];
      /** Named, but not listed by Describe: the export itself may know them. */
      readonly unlisted: readonly string[];
      /** Patterns and names of `excludeFields` that took nothing away. */
      readonly unmatched: readonly string[];
    }
  | { readonly unknown: readonly string[] };

/**
 * The fields to export, in order: `id` first, then as wanted, or all in the instance's order, without what is excluded; none
 * twice. A name with `*` in it stands for every listed field that it matches, in the instance's order.
 */
export function chooseFields(
  listed: readonly string[],
  { fields: wanted, excludeFields = [] }: FieldWish,
): FieldChoice {
  const chosen = (wanted ?? ['*']).map((name) => ({ name, matches: matching(listed, name) }));
  const unknown = chosen.filter(({ name, matches }) => matches.length === 0 && isPattern(name));
  if (unknown.length > 0) return { unknown: unknown.map(({ name }) => name) };
  const found = chosen.flatMap(({ name, matches }) => (matches.length > 0 ? matches : [name]));
  const excluded = (field: string): boolean => excludeFields.some((pattern) => matches(pattern, field));
  return {
    fields: [...new Set(['id', ...found.filter((field) => !excluded(field))])],
    unlisted: found.filter((field) => !listed.includes(field)),
    unmatched: excludeFields.filter((pattern) => matching(found, pattern).length === 0),
  };
}

/** Whether a name, in which each `*` stands for any characters, is that of a field. Takes time in proportion to their lengths. */
export function matches(pattern: string, field: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === field;
  if (!field.startsWith(first)) return false;
  // The leftmost place of each piece leaves the most room for those behind it.
  let position = first.length;
  for (const piece of rest) {
    const at = field.indexOf(piece, position);
    if (at === -1) return false;
    position = at + piece.length;
  }
  return field.length - last.length >= position && field.endsWith(last);
}

function matching(fields: readonly string[], pattern: string): readonly string[] {
  return fields.filter((field) => matches(pattern, field));
}

function isPattern(name: string): boolean {
  return name.includes('*');
}
