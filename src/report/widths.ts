/** Widths in CSS pixels at which charts are drawn: text keeps its size, so a phone needs a drawing of its own. */
export const WIDTHS = { wide: 920, narrow: 340 } as const;
