import { beforeAll, describe, expect } from '@jest/globals';
import { quiet, type Service } from '../end-to-end/harness.js';
import { error, survives } from './survives.js';

beforeAll(quiet);

const foldersAsked = ({ simulator }: Service): number =>
  simulator.calls.records.filter(({ endpoint }) => endpoint === 'folders').length;

describe('no lead is missing when what a run is planned by is odd', () => {
  survives([
    {
      name: 'fifty leads are older than the oldest folder',
      options: { leads: 200, olderLeads: 50 },
      input: { windowDays: 31 },
      // Five hundred days more.
      moreJobs: 16,
      check: (_, { startAt }) => {
        expect(Date.parse(startAt)).toBeLessThan(Date.parse('2024-01-01T00:00:00Z') - 400 * 86_400_000);
      },
    },
    {
      name: 'the answer about the lowest ids comes without a result, and some leads are older than the folders',
      options: { leads: 200, olderLeads: 50 },
      faults: [{ endpoint: 'leads', nth: 1, effect: { kind: 'noResult' } }],
      moreJobs: 16,
    },
    {
      name: 'the page with the oldest folder comes without a result, and no lead has a low id',
      options: { folderPageSize: 20, idBase: 1000 },
      faults: [{ endpoint: 'folders', nth: 2, effect: { kind: 'noResult' } }],
    },
    {
      name: 'folders come seven a page although 200 are asked for',
      options: { folderPageSize: 7 },
      check: (service) => {
        expect(foldersAsked(service)).toBe(8);
      },
    },
    {
      name: 'each page of folders begins with the last one of the page before',
      options: { foldersRepeat: true, folderPageSize: 20 },
    },
    { name: 'folders have dates without a zone', options: { folderDates: 'noZone' } },
    {
      name: 'some folders have no date',
      options: { folderDates: 'someNull' },
      warns: [/The oldest date is that of the lowest ids alone: .*no date that can be read for the folder/],
    },
    {
      name: 'folders are refused',
      faults: [{ endpoint: 'folders', effect: error('603', 'Access denied') }],
      warns: [/The oldest date is that of the lowest ids alone: .*Read-Only Assets/],
    },
    {
      name: 'leads by id are refused',
      faults: [{ endpoint: 'leads', effect: error('1003', 'Not now') }],
      warns: [/The oldest date is that of the folders alone: .*Not now/],
    },
    {
      name: 'folders answer after more than a minute',
      faults: [{ endpoint: 'folders', nth: 1, effect: { kind: 'delay', seconds: 65 } }],
      check: (service) => {
        expect(foldersAsked(service)).toBe(2);
      },
    },
    { name: 'Describe Lead 2 is 610', options: { withoutDescribe2: true } },
    { name: 'Describe Lead 2 lacks fields that Describe Lead has', options: { describe2Lacks: ['title', 'site'] } },
    { name: 'a field that is not exported is told by 1006', options: { unknownFieldCode: '1006' } },
  ]);
});
