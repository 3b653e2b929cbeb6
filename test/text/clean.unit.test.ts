import { describe, expect, it } from '@jest/globals';
import { cut, escapeMarkdown, oneLine, withoutControls } from '../../src/text/clean.js';

describe('text from outside', () => {
  it('cannot move the cursor, change colours or ring the bell', () => {
    expect(oneLine('a\u001b[2Jb\u0007c\r\n\td\u009b31m\u202ee')).toBe('a [2Jb c d 31m e');
  });

  it('keeps its line breaks where they are wanted', () => {
    expect(withoutControls('two\r\nlines\u0000')).toBe('two\nlines ');
  });

  it('is cut to a width, an ellipsis included', () => {
    expect(cut('windows', 7)).toBe('windows');
    expect(cut('windows', 6)).toBe('windo…');
  });

  it('starts no markup and stays in its cell', () => {
    expect(escapeMarkdown('a | b\n| c | <b>d</b> [e](f) `g` *h* _i_ \\')).toBe(
      'a \\| b \\| c \\| \\<b\\>d\\</b\\> \\[e\\](f) \\`g\\` \\*h\\* \\_i\\_ \\\\',
    );
  });
});
