/** The fields of a run, or the names that the instance does not have. */
export type FieldChoice = { readonly fields: readonly string[] } | { readonly unknown: readonly string[] };

/**
 * The fields to export, in order: `id` first, then as wanted, or all in the instance's order. A wanted name with `*` in it
 * stands for every exportable field that it matches, in the instance's order; none twice.
 */
export function chooseFields(exportable: readonly string[], wanted: readonly string[] | undefined): FieldChoice {
  if (!wanted) return { fields: idFirst(exportable) };
  const chosen = wanted.map((name) => ({ name, matches: matching(exportable, name) }));
  const unknown = chosen.filter(({ matches }) => matches.length === 0).map(({ name }) => name);
  return unknown.length > 0 ? { unknown } : { fields: idFirst(chosen.flatMap(({ matches }) => matches)) };
}

function matching(exportable: readonly string[], name: string): readonly string[] {
  if (!name.includes('*')) return exportable.filter((field) => field === name);
  const pattern = new RegExp(`^${name.split('*').map(escape).join('.*')}$`);
  return exportable.filter((field) => pattern.test(field));
}

function idFirst(fields: readonly string[]): string[] {
  return [...new Set(['id', ...fields])];
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
