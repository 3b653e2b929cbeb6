import fc from 'fast-check';
import type { QuoteRule } from '../../src/csv/quote-rule.js';

export const QUOTE_RULES: readonly QuoteRule[] = ['tolerant', 'strict', 'closing'];
export const quoteRule = fc.constantFrom(...QUOTE_RULES);

/** A CSV file that is valid by RFC 4180, and what it was made from. */
export interface ValidFile {
  bytes: Buffer;
  ids: number[];
  header: string[];
}

const text = fc.string({
  unit: fc.constantFrom(
    'a',
    'id',
    '7',
    '"',
    ',',
    '\n',
    '\r',
    '\r\n',
    '\0',
    '\u2028',
    'é',
    '語',
    '😀',
    ' ',
    ';',
    '\ufeff',
  ),
  maxLength: 8,
});
/** Ids around every border that matters: 0, 2^31, 2^32 and 2^53. */
export const id = fc.oneof(
  fc.nat({ max: 50 }),
  fc
    .constantFrom(2 ** 31, 2 ** 32, 2 ** 33, 2 ** 53 - 50)
    .chain((base) => fc.integer({ min: base - 3, max: base + 3 })),
  fc.maxSafeNat(),
);

/** Offsets to cut a file at; they are taken modulo its length. */
export const cuts = fc.array(fc.nat(), { maxLength: 6 });

function row(fields: readonly string[], quoted: readonly boolean[]): string {
  return fields
    .map((field, index) =>
      quoted[index] === true || /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field,
    )
    .join(',');
}

export const validFile: fc.Arbitrary<ValidFile> = fc
  .record({
    columns: fc.integer({ min: 1, max: 5 }),
    position: fc.nat(),
    lineEnd: fc.constantFrom('\n', '\r\n'),
    mark: fc.boolean(),
    endsWithNewline: fc.boolean(),
    ids: fc.array(id, { maxLength: 12 }),
    emptyLines: fc.array(fc.nat({ max: 12 }), { maxLength: 3 }),
  })
  .chain(({ columns, position, lineEnd, mark, endsWithNewline, ids, emptyLines }) => {
    const idColumn = position % columns;
    const line = (fields: string[], value: string, quoted: boolean[]) =>
      row(fields.toSpliced(idColumn, 0, value), quoted);
    const others = fc.array(text, { minLength: columns - 1, maxLength: columns - 1 });
    const names = fc.array(
      text.filter((name) => name !== 'id').map((name) => name.replaceAll('\ufeff', '')),
      { minLength: columns - 1, maxLength: columns - 1 },
    );
    const quotes = fc.array(fc.boolean(), { minLength: columns, maxLength: columns });
    return fc
      .tuple(names, quotes, fc.array(fc.tuple(others, quotes), { minLength: ids.length, maxLength: ids.length }))
      .filter(([header]) => !header.includes('id'))
      .map(([header, headerQuoting, rows]) => {
        const lines = rows.map(([fields, quoted], index) => line(fields, String(ids[index]), quoted));
        for (const place of emptyLines) lines.splice(place, 0, '');
        const file = [line(header, 'id', headerQuoting), ...lines].join(lineEnd) + (endsWithNewline ? lineEnd : '');
        return {
          bytes: Buffer.from((mark ? '\ufeff' : '') + file),
          ids,
          header: header.toSpliced(idColumn, 0, 'id'),
        };
      });
  });

/** Bytes that look like CSV but have quotes, line ends and rubbish anywhere after a header that is in order. */
export const dirtyFile: fc.Arbitrary<Buffer> = fc
  .tuple(
    fc.constantFrom('', '\ufeff'),
    fc.constantFrom('id,a\n', 'id,a,b\r\n', '"id",a\n', 'a,id\n', 'a,"id",b\r\n', '"id"\n', 'id,"x\n,y"\n'),
    fc.array(
      fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom('"', '""', ',', '\n', '\r\n', '\r', 'x') },
        {
          weight: 4,
          arbitrary: fc.constantFrom('\n12,', '\r\n"345",', '\n67,"', '\nx,8', '"\n9,', '",', ',"', '"x"y"', '1'),
        },
        { weight: 1, arbitrary: fc.constantFrom('\0', '\xff', '9007199254740993', '\u2028', ' ') },
      ),
      { maxLength: 30 },
    ),
  )
  .map(([mark, header, pieces]) =>
    Buffer.concat([
      Buffer.from(mark),
      Buffer.from(header),
      Buffer.from(pieces.join('').replace(/^\r?\n/, ''), 'latin1'),
    ]),
  );
