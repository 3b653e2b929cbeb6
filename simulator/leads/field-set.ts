import type { Switches } from '../switches.js';
import type { FieldDefinition } from './fields.js';
import { ECIDS } from './more-fields.js';

/** The fields of an instance, which administrators delete and rename while jobs are made. */
export class FieldSet {
  private fields: readonly FieldDefinition[];

  /** @param switches read anew each time, since they change while the instance runs */
  constructor(
    fields: readonly FieldDefinition[],
    private readonly switches: () => Pick<Switches, 'formulaFields' | 'describe2Lacks'>,
  ) {
    this.fields = [...fields, ECIDS];
  }

  /** What Describe Lead lists. */
  get described(): readonly FieldDefinition[] {
    return this.fields.filter(({ described }) => described !== false);
  }

  /** What Describe Lead 2 lists. */
  get describedBy2(): readonly FieldDefinition[] {
    const { describe2Lacks } = this.switches();
    return this.described.filter(({ name }) => !describe2Lacks.includes(name));
  }

  /** A field that a create may name, if there is one. */
  find(name: string): FieldDefinition | undefined {
    const field = this.fields.find((candidate) => candidate.name === name);
    return field && (field.exportable || this.switches().formulaFields !== 'refused') ? field : undefined;
  }

  /** Whether export writes a column for a field that a create named. */
  isWritten({ exportable }: FieldDefinition): boolean {
    return exportable || this.switches().formulaFields === 'null';
  }

  /** Deletes fields; jobs that were created keep them. @throws TypeError for one that there is not */
  drop(names: readonly string[]): void {
    for (const name of names) this.known(name);
    this.fields = this.fields.filter(({ name }) => !names.includes(name));
  }

  /** Renames fields, from the present name to another. @throws TypeError for one that there is not */
  rename(names: Readonly<Record<string, string>>): void {
    for (const name of Object.keys(names)) this.known(name);
    this.fields = this.fields.map((field) => ({ ...field, name: names[field.name] ?? field.name }));
  }

  private known(name: string): void {
    if (!this.fields.some((field) => field.name === name)) throw new TypeError(`There is no field ${name}`);
  }
}
