import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { utf8Bytes } from '../../src/contract/utf8.js';

it('the length in UTF-8 is that of Node.js, for any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(utf8Bytes(text)).toBe(Buffer.byteLength(text));
    }),
  );
});
