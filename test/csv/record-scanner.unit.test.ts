import { describe, expect, it } from '@jest/globals';
import { InvalidHeaderError, InvalidIdError } from '../../src/csv/csv-errors.js';
import { RecordScanner, type QuoteRule } from '../../src/csv/record-scanner.js';
import { cut, scan } from './scan.js';

/** Ids and end offsets, the same whether the file comes whole, byte by byte, or in two pieces cut anywhere. */
function read(file: string | Buffer, quoteRule: QuoteRule = 'tolerant') {
  const bytes = Buffer.from(file);
  const whole = scan([bytes], quoteRule);
  for (let offset = 0; offset <= bytes.length; offset++) expect(scan(cut(bytes, [offset]), quoteRule)).toEqual(whole);
  expect(scan(cut(bytes, [...bytes.keys()]), quoteRule)).toEqual(whole);
  return whole;
}

function ids(file: string | Buffer, quoteRule: QuoteRule = 'tolerant'): number[] {
  const reading = read(file, quoteRule);
  if ('error' in reading) throw new Error(reading.error);
  return reading.records.map(({ id }) => Number(id));
}

function summary(file: string) {
  const scanner = new RecordScanner({ onRecord: () => undefined });
  scanner.push(Buffer.from(file));
  return scanner.end();
}

describe('finding records', () => {
  it('tells id and end of each record', () => {
    expect(read('id,name\n1,Anna\n2,Bo\n')).toMatchObject({
      header: 'id,name\n',
      records: [
        { id: 1n, endOffset: 15 },
        { id: 2n, endOffset: 20 },
      ],
      endsWithNewline: true,
      endsInsideQuotes: false,
    });
  });

  it('takes CRLF as a line end, in one file with LF too', () => {
    expect(read('id,name\r\n1,Anna\r\n2,Bo\n3,"C"\r\n')).toMatchObject({
      records: [
        { id: 1n, endOffset: 17 },
        { id: 2n, endOffset: 22 },
        { id: 3n, endOffset: 29 },
      ],
    });
  });

  it('counts a last record that lacks its line end', () => {
    for (const last of ['2,Bo', '2,', '2,"Bo"', '2']) {
      expect(ids(`id,name\n1,Anna\n${last}`)).toEqual([1, 2]);
      expect(summary(`id,name\n1,Anna\n${last}`).endsWithNewline).toBe(false);
    }
  });

  it('finds no record in an empty file', () => {
    expect(read('')).toMatchObject({ header: '', records: [], endsWithNewline: true, endsInsideQuotes: false });
    expect(summary('')).toMatchObject({ bytes: 0, headerBytes: 0, lineEnd: '\n' });
  });

  it('finds no record in a file of only a header', () => {
    expect(summary('id,name')).toMatchObject({ records: 0, headerBytes: 7, lineEnd: '\n', endsWithNewline: false });
    expect(summary('id,name\n')).toMatchObject({ records: 0, headerBytes: 8, lineEnd: '\n', endsWithNewline: true });
    expect(summary('id,name\r\n')).toMatchObject({
      records: 0,
      headerBytes: 9,
      lineEnd: '\r\n',
      endsWithNewline: true,
    });
  });

  it('takes empty lines for no records, wherever they stand, and tells where they end', () => {
    expect(read('id,name\n\n1,Anna\n\r\n\n2,Bo\n\n\r\n')).toMatchObject({
      records: [
        { id: 1n, endOffset: 16 },
        { id: 2n, endOffset: 24 },
      ],
      emptyLines: [9, 18, 19, 25, 27],
      endsWithNewline: true,
    });
    expect(ids('name,id\n\nAnna,1\n\r\nBo,2\n\n')).toEqual([1, 2]);
    expect(read('id\r\n\r\n\r\n1\r\n\r\n')).toMatchObject({ records: [{ id: 1n }], emptyLines: [6, 8, 13] });
    expect(read('id\n1\n\n\n2')).toMatchObject({ records: [{ id: 1n }, { id: 2n }], emptyLines: [6, 7] });
  });

  it('takes a line of spaces, or of two quotes, for a record without id', () => {
    for (const line of [' ', '""', '" "', '\t']) {
      for (const end of ['\n', '\r\n', '']) {
        expect(read(`id\n1\n${line}${end}`)).toEqual({ error: 'InvalidIdError', recordNumber: 2 });
        expect(read(`id,a\n1,x\n${line}${end}`)).toEqual({ error: 'InvalidIdError', recordNumber: 2 });
      }
    }
  });

  it('takes a lone CR, NUL, U+2028 and invalid UTF-8 for data', () => {
    expect(ids('id,a\n1,x\ry\n2,"x\ry"\n3,\r\r\n4,\0\n5,"\0"\n6,\u2028\n7,"\u2028"\n')).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(ids(Buffer.from('id,a\n1,\xff\xfe\n2,"\xc3\x28"\n', 'latin1'))).toEqual([1, 2]);
  });

  it('counts records with another number of columns than the header, and tells the first', () => {
    expect(read('id,a,b\n1,"x,y",z\n2,x\n3,"\n,,","",,\n4,,\n5\n')).toMatchObject({
      records: [{ id: 1n }, { id: 2n }, { id: 3n }, { id: 4n }, { id: 5n }],
      otherColumns: { records: 3, difference: 5, first: { recordNumber: 2, columns: 2 } },
    });
    const wide = Array.from({ length: 5000 }, (_, column) => `c${column}`).join(',');
    expect(scan([Buffer.from(`id,${wide}\n1,${wide}\n2,${wide},é\n`)])).toMatchObject({
      otherColumns: { records: 1, difference: 1, first: { recordNumber: 2, columns: 5002 } },
    });
  });

  it('looks for nothing more than it is asked for', () => {
    expect(summary('id,a\n1,5",\n')).toMatchObject({ unreadableRecords: undefined, otherColumns: undefined });
  });

  it('knows offsets beyond 4 GiB', () => {
    let end = 0;
    const scanner = new RecordScanner({ onRecord: (_high, _low, endOffset) => (end = endOffset) });
    scanner.push(Buffer.from('id,name\n1,"'));
    // Inside quotes, nothing is looked at but the next quote, and here there is none: the same memory, over and over.
    const filling = Buffer.alloc(64 * 1024 * 1024, 'x');
    for (let pushed = 0; pushed < 65; pushed++) scanner.push(filling);
    scanner.push(Buffer.from('"\n'));
    expect(end).toBe(11 + 65 * filling.length + 2);
  });
});

describe('quotes', () => {
  it('take delimiters and line ends for data', () => {
    expect(ids('id,a,b\n1,"x,y","1\n2,3\r\n4"\n5,"\n","\r\n"\n')).toEqual([1, 5]);
  });

  it('are escaped by doubling', () => {
    expect(ids('id,a,b\n1,"x ""y"", z","""\n"""\n2,"",""""\n3,"""","x"""\n')).toEqual([1, 2, 3]);
  });

  it('are data unless they open the field', () => {
    for (const quoteRule of ['tolerant', 'strict'] as const) {
      expect(ids('id,a,b\n1,5" pipe,x"\n2, "x",a""\n3,x"y"z,\r"\n', quoteRule)).toEqual([1, 2, 3]);
    }
  });

  it('inside a field are data when neither delimiter nor line end follows', () => {
    expect(ids('id,a,b\n1,"first"Name1",x\n2,"a"b"c",d\n3,x,"a"b,\n"\n4,"a"\rb",c\n5,"a"\r",c\n')).toEqual([
      1, 2, 3, 4, 5,
    ]);
  });

  it('close the field at a stray quote when read strictly', () => {
    const file = 'id,a,b\n1,"a"b,c\n2,"d"e"\n3,"""f""g"h,"\n';
    expect(ids(file, 'tolerant')).toEqual([1, 3]);
    expect(ids(file, 'strict')).toEqual([1, 2, 3]);
  });

  it('close the field before a delimiter or line end, even after another quote, when read as closing', () => {
    const file = 'id,a,b\n1,"Screen 15"",Oslo\n2,x,"Screen 15""\n3,"x","y""\r\n4,""Bob"",""\n5,"""","a""b"\n6,x,"a""';
    expect(read(file, 'closing')).toMatchObject({
      records: [{ id: 1n }, { id: 2n }, { id: 3n }, { id: 4n }, { id: 5n }, { id: 6n }],
      otherColumns: { records: 0 },
      endsInsideQuotes: false,
    });
    for (const quoteRule of ['tolerant', 'strict'] as const) {
      expect(read(file.slice(0, 30), quoteRule)).toMatchObject({ records: [{ id: 1n }], endsInsideQuotes: true });
    }
  });

  it('that stay open are told at the end of the file', () => {
    for (const end of ['"', '"x', '"x\n', '"x""', '"x"y', '"x"\r']) {
      expect(read(`id,name\n1,${end}`)).toMatchObject({
        records: [{ id: 1n }],
        endsWithNewline: false,
        endsInsideQuotes: true,
      });
    }
    for (const end of ['""', '"x"', '"x"""', 'x"', '"x"\n']) {
      expect(read(`id,name\n1,${end}`)).toMatchObject({ records: [{ id: 1n }], endsInsideQuotes: false });
    }
  });
});

describe('records that readers of RFC 4180 cannot read', () => {
  const unreadable = (file: string, quoteRule: QuoteRule = 'tolerant') => {
    const reading = read(file, quoteRule);
    if ('error' in reading) throw new Error(reading.error);
    return reading.records.filter(({ isReadable }) => !isReadable).map(({ id }) => Number(id));
  };

  it('have a quote in an unquoted field, or one that is not doubled in a quoted field', () => {
    expect(unreadable('id,a,b\n1,5" pipe,x\n2,"a"b"c",d\n3, "x",y\n4,"a""b",c\n5,"x" ,y\n6,null,"null"\n')).toEqual([
      1, 2, 3, 5,
    ]);
    expect(unreadable('id,a,b\n1,"a"b,c\n2,"a",c\n', 'strict')).toEqual([1]);
    expect(unreadable('id,a,b\n1,"a"",c\n2,"a""b",c\n3,"",""\n4,"""",x\n', 'closing')).toEqual([1]);
  });

  it('have a lone CR outside quotes', () => {
    expect(unreadable('id,a\n1,x\ry\n2,"x\ry"\n3,\r\n4,x\ny\r'.replace('\ny', ''))).toEqual([1, 3, 4]);
    expect(unreadable('id,a\r\n1,x\r\r\n2,x\r\n3,"x"\r\n')).toEqual([1]);
  });

  it('have another line end than the header', () => {
    expect(unreadable('id,a\n1,x\r\n2,"y"\n3,"z"\r\n4,w')).toEqual([1, 3]);
    expect(unreadable('id,a\r\n1,x\r\n2,y\n3,z')).toEqual([2]);
  });
});

describe('the header', () => {
  it('tells the line end of the file, however long it is', () => {
    const names = Array.from({ length: 5000 }, (_, column) => `aVeryLongName${column}`).join(',');
    expect(names.length).toBeGreaterThan(64 * 1024);
    expect(summary(`id,${names}\r\n1`)).toMatchObject({ lineEnd: '\r\n', endsWithNewline: false });
    expect(summary(`id,${names}\n1\r\n2`)).toMatchObject({ lineEnd: '\n', columnNames: { length: 5001 } });
  });

  it('may name the id in any column and in quotes', () => {
    expect(ids('a,b,id\nx,"y,\n",7\n"x""","y"z",8\r\n,,"9"\n')).toEqual([7, 8, 9]);
    expect(ids('a,"id",b\nx,7,y\n"\n","8","\n"\n')).toEqual([7, 8]);
    expect(ids('"id"\n7\n"8"\r\n9')).toEqual([7, 8, 9]);
  });

  it('may begin with a byte order mark, which stays in its bytes', () => {
    expect(read('\ufeffid,a\n1,x\n')).toMatchObject({
      header: '\u00ef\u00bb\u00bfid,a\n',
      bom: true,
      columnNames: ['id', 'a'],
      records: [{ id: 1n, endOffset: 12 }],
    });
    expect(ids('\ufeff"id",a\n1,x\n')).toEqual([1]);
    expect(ids('\ufeff"a,\n",id\nx,1\n')).toEqual([1]);
  });

  it('may have line ends and delimiters inside quotes', () => {
    expect(read('"a\n,""b""",id\r\nx,1\r\n')).toMatchObject({ header: '"a\n,""b""",id\r\n', records: [{ id: 1n }] });
  });

  it('is refused without an id column, or with two', () => {
    const files = [
      'a,b\n1,2\n',
      'ID,a\n',
      ' id,a\n',
      'id ,a\n',
      'leadid\n',
      '\n',
      '\r\nid\n',
      '\ufeff',
      '\ufeff\ufeffid\n',
      'id,a,id\n',
      'id,"id"',
    ];
    for (const file of files) expect(read(file)).toEqual({ error: 'InvalidHeaderError' });
  });

  it('is refused when it is not CSV, without quoting it', () => {
    const scanner = new RecordScanner({ onRecord: () => undefined });
    const push = () => {
      scanner.push(Buffer.from('id,"sec"ret",a\n'));
    };
    expect(push).toThrow(InvalidHeaderError);
    expect(push).not.toThrow(/ret/);
  });

  it('is refused when it does not end, before it fills the memory', () => {
    const scanner = new RecordScanner({ onRecord: () => undefined });
    const piece = Buffer.alloc(1024 * 1024, 'x');
    expect(() => {
      for (let pushed = 0; pushed < 20; pushed++) scanner.push(piece);
    }).toThrow('does not end within');
  });
});

describe('ids', () => {
  it('go up to 2^53 - 1', () => {
    const values = [
      0n,
      1n,
      2n ** 31n,
      2n ** 32n - 1n,
      2n ** 32n,
      2n ** 32n + 1n,
      2n ** 33n - 1n,
      10n ** 15n,
      2n ** 53n - 1n,
    ];
    for (const column of [0, 1]) {
      const row = (id: string) => (column === 0 ? `${id},x\n` : `x,${id}\n`);
      for (const write of [(id: bigint) => id.toString(), (id: bigint) => `"${id.toString()}"`]) {
        const file = row('id') + values.map((value) => row(write(value))).join('');
        expect(read(file)).toMatchObject({ records: values.map((id) => ({ id })) });
      }
    }
  });

  it('above 2^53 - 1 are refused', () => {
    for (const id of ['9007199254740992', '9007199254740993', '18446744073709551617', '9'.repeat(400)]) {
      expect(read(`id,a\n1,x\n${id},x\n`)).toEqual({ error: 'InvalidIdError', recordNumber: 2 });
      expect(read(`id,a\n1,x\n"${id}",x\n`)).toEqual({ error: 'InvalidIdError', recordNumber: 2 });
    }
  });

  it('may have leading zeros, which do not count', () => {
    expect(ids(`id,a\n007,x\n"000",x\n${'0'.repeat(40)}9,x\n`)).toEqual([7, 0, 9]);
  });

  it('that are anything but digits are refused', () => {
    const wrong = [
      '',
      '""',
      'null',
      '-1',
      '+1',
      ' 1',
      '1 ',
      '1.0',
      '1e3',
      '0x1',
      '"1',
      '"1"2',
      '"1""2"',
      '"1"2"',
      '1"',
      '"1,',
      '"1\n"',
      '"-1"',
      '\r',
      '\r1',
      '1\r',
      '１',
    ];
    for (const id of wrong) {
      for (const end of [',x\n', ',x', '\n', '\r\n']) {
        const isEmptyLine = id === '' && !end.startsWith(',');
        if (isEmptyLine || (id.endsWith('\r') && end === '\n')) continue;
        for (const quoteRule of ['tolerant', 'strict'] as const) {
          expect(read(`id,a\n1,x\n${id}${end}`, quoteRule)).toEqual({ error: 'InvalidIdError', recordNumber: 2 });
        }
      }
    }
  });

  it('that are missing are refused, not taken from the record before', () => {
    for (const record of ['x', 'x\n', 'x,', 'x,\n', 'x,\r\n', '"x"\r\n', ',\n', '\r']) {
      expect(read(`a,id\nx,1\nx,"2"\n${record}`)).toEqual({ error: 'InvalidIdError', recordNumber: 3 });
    }
  });

  it('that are refused are not in the message', () => {
    const scanner = new RecordScanner({ onRecord: () => undefined });
    const push = () => {
      scanner.push(Buffer.from('id,email\n1,x\nsecret,anna@example.com\n'));
    };
    expect(push).toThrow(InvalidIdError);
    expect(push).not.toThrow(/secret|anna/);
    expect(push).toThrow(/Record 2 /);
  });
});
