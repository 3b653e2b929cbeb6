import { effectOf, type FaultEffect } from './effects.js';
import { field, type FieldDefinition } from './leads/fields.js';

/** How an export file is written, where it is not as it should be. */
export interface FileShape {
  readonly bom: boolean;
  readonly lineEnd: '\n' | '\r\n';
  readonly headerOnly: boolean;
  /** Empty lines after the first row, and behind the last line. */
  readonly blankInside: number;
  readonly blankAtEnd: number;
  /** `undefined`: in some ranges there is one. */
  readonly lastLineEnd: boolean | undefined;
  readonly oddRow: 'first' | 'last' | undefined;
}

/** The shape of a file by the effects on its job. */
export function shapeOf(effects: readonly FaultEffect[]): FileShape {
  const blank = (where: 'inside' | 'end'): number =>
    effects.reduce(
      (lines, effect) => lines + (effect.kind === 'fileBlankLines' && effect.where === where ? effect.lines : 0),
      0,
    );
  return {
    bom: effectOf(effects, 'fileBom') !== undefined,
    lineEnd: effectOf(effects, 'fileCrlf') ? '\r\n' : '\n',
    headerOnly: effectOf(effects, 'fileHeaderOnly') !== undefined,
    blankInside: blank('inside'),
    blankAtEnd: blank('end'),
    lastLineEnd: effectOf(effects, 'fileLastLineEnd')?.present,
    oddRow: effectOf(effects, 'fileOddRow')?.where,
  };
}

/** The columns of a file by the effects on its job: dropped, renamed, duplicated, more of them at the end, all turned round. */
export function columnsOf(
  fields: readonly FieldDefinition[],
  effects: readonly FaultEffect[],
): readonly FieldDefinition[] {
  let columns = fields;
  for (const effect of effects) {
    if (effect.kind !== 'fileColumns') continue;
    const { drop = [], rename = {}, duplicate = [], extra = [], reverse = false } = effect;
    columns = [
      ...columns.filter(({ name }) => !drop.includes(name)),
      ...columns.filter(({ name }) => duplicate.includes(name)),
      ...extra.map((name) => field(name, 'string', () => 'extra')),
    ].map((column) => ({ ...column, name: rename[column.name] ?? column.name }));
    if (reverse) columns = columns.toReversed();
  }
  return columns;
}
