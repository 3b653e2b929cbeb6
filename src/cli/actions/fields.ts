import type { Field } from '../../contract/columns.js';
import { createMarketoClient } from '../../marketo/client.js';
import { describeFields } from '../../marketo/describe.js';
import { cut, oneLine } from '../../text/clean.js';
import { plural } from '../../text/format.js';
import { marketoSettings } from '../environment.js';
import { EXIT, type ExitCode } from '../exit.js';
import type { OutputOptions } from '../run-options.js';
import { answer, type Terminal } from '../terminal.js';

const NAME_WIDTH = 40;

/** Lists the fields that can be exported: all, or those whose name or label holds a text, whatever its case. */
export async function fields(
  search: string | undefined,
  options: OutputOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const client = createMarketoClient({ ...marketoSettings(terminal.env), env: terminal.env });
  const found = (await describeFields(client, terminal.interrupted)).filter((field) => holds(field, search ?? ''));
  const lines = found.length === 0 ? [`No field has "${search ?? ''}" in its name or label.`] : describe(found);
  answer(terminal, options, { name: 'fields', what: { instance: client.instanceHost, fields: found }, lines });
  return found.length === 0 ? EXIT.failed : EXIT.done;
}

function holds({ name, displayName = '' }: Field, search: string): boolean {
  return `${name}\n${displayName}`.toLowerCase().includes(search.toLowerCase());
}

/** Columns: name, type and length, label. */
function describe(found: readonly Field[]): string[] {
  const width = Math.min(NAME_WIDTH, Math.max(...found.map(({ name }) => name.length)));
  const rows = found.map(({ name, dataType, length, displayName }) => {
    const type = length === undefined ? dataType : `${dataType} (${length})`;
    return `${name.padEnd(width)}  ${type.padEnd(16)}  ${cut(oneLine(displayName ?? ''), 60)}`.trimEnd();
  });
  return [...rows, plural(found.length, 'field')];
}
