import { effectOf, type DateForm, type FaultEffect } from './effects.js';
import type { Job } from './jobs.js';

const FAILED = 'The export could not be completed';

/**
 * A job as the API tells of it: what is not known yet is left out.
 *
 * @param iso spells a time of the instance, `2020-01-17T20:10:43Z`
 */
export function tellJob(job: Job, iso: (milliseconds: number) => string): Record<string, unknown> {
  const { exportId, state, effects } = job;
  const form = effectOf(effects, 'jobDates')?.form;
  const date = (name: string, milliseconds: number | undefined): object =>
    milliseconds === undefined ? {} : { [name]: form ? DATES[form](iso(milliseconds)) : iso(milliseconds) };
  return {
    exportId,
    format: 'CSV',
    status: state === 'Cancelled' ? (effectOf(effects, 'jobCancelled')?.spelling ?? 'Cancelled') : state,
    ...date('createdAt', job.createdAt),
    ...date('queuedAt', job.queuedAt),
    ...date('startedAt', job.startedAt),
    ...date('finishedAt', job.finishedAt),
    ...(state === 'Failed' && { errorMsg: errorMessage(effects) }),
    ...(state === 'Completed' && facts(job)),
  };
}

const DATES: Readonly<Record<DateForm, (iso: string) => string | null>> = {
  offset: (iso) => new Date(Date.parse(iso) - 8 * 3_600_000).toISOString().replace(/\.\d{3}Z$/, '-08:00'),
  noZone: (iso) => iso.slice(0, -1),
  space: (iso) => iso.replace('T', ' '),
  empty: () => '',
  null: () => null,
};

function errorMessage(effects: readonly FaultEffect[]): string {
  const { message = FAILED, bytes } = effectOf(effects, 'jobFails') ?? {};
  return bytes === undefined ? message : message.padEnd(bytes, ` ${message}`);
}

/** Records, size and checksum. What an empty export tells is not documented; no size and no checksum is the harder case. */
function facts({ facts: file, effects }: Job): object {
  const { records = 0, bytes = 0, sha256 = '' } = file ?? {};
  const number = (value: number): number | string => (effectOf(effects, 'numbersAsText') ? String(value) : value);
  const told = effectOf(effects, 'recordCount')?.is ?? records + (effectOf(effects, 'wrongRecordCount')?.by ?? 0);
  return {
    ...(!effectOf(effects, 'noRecordCount') && { numberOfRecords: number(told) }),
    ...(records > 0 && {
      ...(!effectOf(effects, 'noFileSize') && {
        fileSize: number(bytes + (effectOf(effects, 'wrongFileSize')?.by ?? 0)),
      }),
      ...checksum(effectOf(effects, 'wrongChecksum') ? '0'.repeat(64) : sha256, effects),
    }),
  };
}

function checksum(sha256: string, effects: readonly FaultEffect[]): object {
  switch (effectOf(effects, 'checksumForm')?.form) {
    case 'bare':
      return { fileChecksum: sha256 };
    case 'upperCase':
      return { fileChecksum: `SHA256:${sha256.toUpperCase()}` };
    case 'otherKey':
      return { fileCheckSum: `sha256:${sha256}` };
    case 'none':
      return {};
    default:
      return { fileChecksum: `sha256:${sha256}` };
  }
}
