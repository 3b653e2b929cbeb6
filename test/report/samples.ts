import { columnsOf } from '../../src/contract/columns.js';
import type { Manifest, ManifestWindow } from '../../src/contract/manifest.js';

const DAY = 86_400_000;
const MINUTE = 60_000;

/** A window of 31 days, the nth since August 2016, exported as the nth of its run. */
export function windowOf(n: number, change: Partial<ManifestWindow> = {}): ManifestWindow {
  const start = Date.parse('2016-08-01T00:00:00Z') + n * 31 * DAY;
  const queued = Date.parse('2026-03-02T15:00:00Z') + n * 40 * MINUTE;
  return {
    startAt: iso(start),
    endAt: iso(start + 31 * DAY - 1000),
    exportId: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    records: 1010 + n,
    leads: 1000 + n,
    duplicates: 10,
    mended: 0,
    bytes: 3_000_000,
    sha256: n.toString(16).padStart(64, 'a'),
    bodyCrc32: '01234567',
    queuedAt: iso(queued),
    startedAt: iso(queued + 10 * MINUTE),
    finishedAt: iso(queued + 30 * MINUTE),
    verifiedAt: iso(queued + 31 * MINUTE),
    takenOver: false,
    ...change,
  };
}

/** A window without leads: Marketo told 0 records, and nothing was fetched. */
export function emptyWindow(n: number): ManifestWindow {
  const { sha256, bodyCrc32, ...rest } = windowOf(n, { records: 0, leads: 0, duplicates: 0, bytes: 0 });
  return sha256 === undefined && bodyCrc32 === undefined ? rest : rest;
}

/** A manifest that agrees with itself. */
export function manifestOf(windows: readonly ManifestWindow[], change: Partial<Manifest> = {}): Manifest {
  const sum = (of: (window: ManifestWindow) => number): number => windows.reduce((all, one) => all + of(one), 0);
  return {
    version: 2,
    workflowId: 'leads/123-ABC-456',
    runId: '6a9fcd5a-41c9-4ab5-a81b-2c14f5e2a8ef',
    instance: '123-abc-456.mktorest.com',
    destination: 's3://bucket/exports/leads.csv',
    quoting: 'rfc4180',
    startAt: windows[0]?.startAt ?? '2016-08-01T00:00:00Z',
    endAt: windows.at(-1)?.endAt ?? '2016-08-02T00:00:00Z',
    mode: 'full',
    windowOverlapSeconds: 0,
    format: 'csv',
    columns: columnsOf(['id', 'email', 'createdAt'], [{ name: 'createdAt', dataType: 'datetime' }]),
    leads: sum(({ leads }) => leads),
    duplicates: sum(({ duplicates }) => duplicates),
    mended: sum(({ mended }) => mended),
    bytes: sum(({ bytes }) => bytes),
    etag: '"9b2cf535f27731c974343645a3985328-3"',
    crc32: '0badcafe',
    publishedAt: '2026-03-02T18:00:00.000Z',
    lostCreates: 0,
    warnings: [],
    windows,
    ...change,
  };
}

/** So many windows in a row. */
export function windowsOf(count: number): ManifestWindow[] {
  return Array.from({ length: count }, (_, n) => windowOf(n));
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('.000Z', 'Z');
}
