import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Fault, FaultEffect } from '../../simulator/faults.js';
import { failureOf } from '../workflows/harness.js';
import { quiet, withService, type Service } from './harness.js';

beforeAll(quiet);

const DAY = 86_400_000;
const FROM = Date.parse('2024-01-01T00:00:00Z');

/** Five windows, of which the fourth has no leads. */
const FIVE_WINDOWS = { leads: 800, from: FROM, until: FROM + 5 * 31 * DAY - 1000 };
const END_AT = '2024-06-03T23:59:59Z';

const columns = (change: Omit<Extract<FaultEffect, { kind: 'fileColumns' }>, 'kind'>, nth?: number): Fault => ({
  endpoint: 'create',
  ...(nth === undefined ? {} : { nth }),
  effect: { kind: 'fileColumns', ...change },
});

/** Lets a field be deleted once so many files were fetched. */
async function dropAfter(service: Service, files: number, field: string): Promise<void> {
  while (service.calls('file').length < files) await new Promise((resolve) => setTimeout(resolve, 20));
  service.simulator.fields.drop([field]);
}

async function header(service: Service): Promise<string[]> {
  return (await service.read('out/leads.csv')).toString().split('\n', 1)[0]?.split(',') ?? [];
}

describe('a field that is deleted while a run is under way', () => {
  it.concurrent('ends the run naming it, and a new start under the same id does without it', () =>
    withService({ ...FIVE_WINDOWS, processingSeconds: [1000, 1200] }, async (service) => {
      const workflowId = `fields-${service.bucket}`;
      const handle = await service.start({ endAt: END_AT }, workflowId);
      await dropAfter(service, 2, 'title');
      const failure = await failureOf(handle.result());
      expect(failure.type).toBe('FieldsChanged');
      expect(failure.message).toMatch(/1 of 5 windows failed, [12] were not started/);
      expect(failure.message).toContain('title');
      await service.expectNothingLeft();

      const result = await (await service.start({ endAt: END_AT }, workflowId)).result();
      await service.expectRightAndClean(result);
      expect(await header(service)).not.toContain('title');
      expect((await service.manifest()).columns.map(({ name }) => name)).not.toContain('title');
    }),
  );

  it.concurrent('ends the next start too where it is named, before any job is made, until it is named no more', () =>
    withService({ ...FIVE_WINDOWS, processingSeconds: [1000, 1200] }, async (service) => {
      const workflowId = `fields-${service.bucket}`;
      const handle = await service.start({ endAt: END_AT, fields: ['email', 'title'] }, workflowId);
      await dropAfter(service, 2, 'title');
      await failureOf(handle.result());
      const before = service.simulator.jobs.all.length;
      const failure = await failureOf(
        (await service.start({ endAt: END_AT, fields: ['email', 'title'] }, workflowId)).result(),
      );
      expect(failure).toMatchObject({ type: 'InvalidInput', message: expect.stringContaining('title') });
      expect(service.simulator.jobs.all.length).toBe(before);
      const result = await (await service.start({ endAt: END_AT, fields: ['email'] }, workflowId)).result();
      const expected = await service.expected(result, { fields: 'email' });
      expect((await service.read('out/leads.csv')).equals(expected)).toBe(true);
    }),
  );

  it.concurrent('keeps nobody from taking over what was verified without it', () =>
    withService(FIVE_WINDOWS, async (service) => {
      const workflowId = `fields-${service.bucket}`;
      service.simulator.faults.inject({ endpoint: 'create', nth: 5, effect: { kind: 'wrongRecordCount', by: 1 } });
      await failureOf((await service.start({ endAt: END_AT, fields: ['email'] }, workflowId)).result());
      service.simulator.fields.drop(['title']);
      const before = service.simulator.jobs.all.length;
      const result = await (await service.start({ endAt: END_AT, fields: ['email'] }, workflowId)).result();
      expect(service.simulator.jobs.all.length - before).toBe(1 + 1);
      const expected = await service.expected(result, { fields: 'email' });
      expect((await service.read('out/leads.csv')).equals(expected)).toBe(true);
    }),
  );
});

describe('files whose columns are not the fields that were asked for', () => {
  it.concurrent('fail their windows where a named field is missing', () =>
    withService({}, async (service) => {
      service.simulator.faults.inject(columns({ drop: ['email'] }));
      const failure = await failureOf((await service.start({ fields: ['email', 'title'] })).result());
      expect(failure).toMatchObject({ type: 'WindowsFailed', message: expect.stringContaining('email') });
      await service.expectNothingLeft();
    }),
  );

  it.concurrent('are told where a field is missing of all that there are, and the manifest has the real columns', () =>
    withService({}, async (service) => {
      service.simulator.faults.inject(columns({ drop: ['email'] }));
      const result = await service.extract();
      await service.expectRightAndClean(result);
      const { columns: ofOutput, warnings } = await service.manifest();
      const names = ofOutput.map(({ name }) => name);
      expect(names).toEqual(await header(service));
      expect(names).not.toContain('email');
      expect(warnings).toContainEqual(expect.stringContaining('email'));
    }),
  );

  it.concurrent('are taken as they are where their order is another, with a warning', () =>
    withService({}, async (service) => {
      service.simulator.faults.inject(columns({ reverse: true }));
      const result = await service.extract();
      await service.expectRightAndClean(result);
      const { columns: ofOutput, warnings } = await service.manifest();
      expect(ofOutput.map(({ name }) => name)).toEqual(await header(service));
      expect(ofOutput.at(-1)).toEqual({ name: 'id', dataType: 'integer', type: 'integer' });
      expect(warnings).toContainEqual(expect.stringMatching(/order/));
    }),
  );

  it.concurrent('are not merged with others, and the next start exports again what is not like the latest', () =>
    withService({}, async (service) => {
      const workflowId = `columns-${service.bucket}`;
      service.simulator.faults.inject(columns({ reverse: true }, 3));
      const failure = await failureOf((await service.start({}, workflowId)).result());
      expect(failure).toMatchObject({
        type: 'MergeMismatch',
        message: expect.stringMatching(/^The header of the window .* differs from that of the window /),
      });
      const before = service.simulator.jobs.all.length;
      const result = await (await service.start({}, workflowId)).result();
      await service.expectRightAndClean(result);
      expect(service.simulator.jobs.all.length - before).toBe(1 + 1);
    }),
  );
});

describe('excludeFields', () => {
  it.concurrent('leaves out names and what matches patterns, and warns of what matches nothing', () =>
    withService({}, async (service) => {
      const excludeFields = ['utm_*', 'title', 'nothing*', 'neither'];
      const result = await service.extract({ excludeFields });
      const all = service.simulator.fields.described.map(({ name }) => name);
      const fields = all.filter((name) => !name.startsWith('utm_') && !['title', 'Shadow__c'].includes(name));
      const expected = await service.expected(result, { fields: fields.join(',') });
      expect((await service.read('out/leads.csv')).equals(expected)).toBe(true);
      expect((await service.manifest()).warnings).toEqual([
        'excludeFields: no field of the run matches nothing*',
        'excludeFields: no field of the run matches neither',
        'Left out, since the instance does not export them: Shadow__c',
      ]);
    }),
  );

  it.concurrent('takes from the fields that are named', () =>
    withService({}, async (service) => {
      const result = await service.extract({ fields: ['email', 'utm_*'], excludeFields: ['utm_campaign'] });
      const expected = await service.expected(result, { fields: 'email,utm_source' });
      expect((await service.read('out/leads.csv')).equals(expected)).toBe(true);
    }),
  );
});
