/**
 * How rows are written that readers of RFC 4180 cannot read, or read otherwise: `rfc4180` quotes them anew, `asIs` leaves every
 * byte as Marketo wrote it.
 */
export const QUOTINGS = ['rfc4180', 'asIs'] as const;

/** See {@link QUOTINGS}. */
export type Quoting = (typeof QUOTINGS)[number];
