import type { ColumnType } from '../contract/columns.js';
import type { Manifest } from '../contract/manifest.js';
import { count } from '../text/format.js';
import { html, type Html } from './html.js';

/** What the types are called for people, the commonest first. */
const NAMES: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  integer: 'whole number',
  double: 'decimal number',
  boolean: 'true or false',
  date: 'date',
  timestamp: 'moment',
};

/**
 * How many columns are of which type, as bars with their names behind them; of Parquet, how many values did not read as
 * theirs too.
 */
export function columnTypes({ columns, uncast = {}, format }: Manifest): Html {
  const types = Object.keys(NAMES) as ColumnType[];
  const rows = types.flatMap((type) => {
    const names = columns.filter((column) => column.type === type).map(({ name }) => name);
    const odd = names.reduce((sum, name) => sum + (uncast[name] ?? 0), 0);
    return names.length === 0 ? [] : [{ type, names, odd }];
  });
  const most = Math.max(...rows.map(({ names }) => names.length), 1);
  return html`<table class="types">
    <thead>
      <tr>
        <th scope="col">Type</th>
        <th scope="col">Columns</th>
        <th class="bars" aria-hidden="true"></th>
        ${format === 'parquet' ? html`<th scope="col">Values of another form</th>` : undefined}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ({ type, names, odd }) =>
          html`<tr>
            <td>${NAMES[type]}</td>
            <td>${count(names.length)}</td>
            <td class="bars" aria-hidden="true">
              <span class="bar" style="width: ${Math.round((names.length / most) * 100)}%"></span>
            </td>
            ${format === 'parquet' ? html`<td>${count(odd)}</td>` : undefined}
          </tr> `,
      )}
    </tbody>
  </table>`;
}
