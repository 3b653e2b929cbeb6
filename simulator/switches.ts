/** How the instance behaves, from the command line or changed while it runs (`POST /simulator/switches`). */
export interface Switches {
  readonly folderPageSize: number;
  readonly foldersIgnoreOffset: boolean;
  readonly foldersRepeat: boolean;
  readonly folderDates: 'documented' | 'someNull' | 'allNull' | 'noZone';
  readonly withoutDescribe2: boolean;
  readonly describe2Lacks: readonly string[];
  readonly formulaFields: 'refused' | 'null' | 'dropped';
  readonly withoutUpdatedAt: boolean;
  readonly withoutActivities: boolean;
  readonly pagingTokenSeconds: number;
  readonly unknownFieldCode: '1003' | '1006';
  readonly unknownJob: '1013' | '610' | '404';
  readonly texts1029: 'seen' | 'documented';
  readonly connections: 'kept' | 'closed' | 'stale';
  readonly clockSkewSeconds: number;
  readonly dailyCalls: number;
}

/** A switch: what it does, its value as `--help` shows it, its default, and how a value from outside is read. */
interface Switch<T> {
  readonly help: string;
  readonly argument?: string;
  readonly fallback: T;
  /** @throws TypeError */
  readonly read: (value: unknown) => T;
}

const number = (fallback: number, help: string): Switch<number> => ({
  help,
  argument: '<n>',
  fallback,
  read: (value) => {
    const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof read !== 'number' || !Number.isFinite(read)) throw new TypeError(`${String(value)} is not a number`);
    return read;
  },
});

const flag = (help: string): Switch<boolean> => ({
  help,
  fallback: false,
  read: (value) => {
    if (typeof value !== 'boolean') throw new TypeError(`${String(value)} is neither true nor false`);
    return value;
  },
});

/** The first choice is the default. */
const choice = <const T extends string>(choices: readonly [T, ...T[]], help: string): Switch<T> => ({
  help,
  argument: `<${choices.join('|')}>`,
  fallback: choices[0],
  read: (value) => {
    const found = choices.find((known) => known === value);
    if (found === undefined) throw new TypeError(`${String(value)} is none of ${choices.join(', ')}`);
    return found;
  },
});

const names = (help: string): Switch<readonly string[]> => ({
  help,
  argument: '<names>',
  fallback: [],
  read: (value) => {
    const list: unknown = typeof value === 'string' ? value.split(',') : value;
    if (!Array.isArray(list) || !list.every((name) => typeof name === 'string'))
      throw new TypeError('names are a list of strings');
    return list;
  },
});

/** Every switch there is: from it come command line, defaults and checks. */
export const SWITCHES: { readonly [K in keyof Switches]: Switch<Switches[K]> } = {
  folderPageSize: number(200, 'folders on a page at most, whatever maxReturn asks for'),
  foldersIgnoreOffset: flag('folders answer the first page whatever the offset'),
  foldersRepeat: flag('each page of folders begins with the last one of the page before'),
  folderDates: choice(
    ['documented', 'someNull', 'allNull', 'noZone'],
    'createdAt of folders; someNull spares the oldest one',
  ),
  withoutDescribe2: flag('Describe Lead 2 answers 610'),
  describe2Lacks: names('fields that Describe Lead has and Describe Lead 2 lacks, comma-separated'),
  formulaFields: choice(
    ['refused', 'null', 'dropped'],
    'what export does with formula fields, which Describe lists: 1003, an empty column, or no column',
  ),
  withoutUpdatedAt: flag('the subscription lacks the filter updatedAt: 1035'),
  withoutActivities: flag('the API user lacks Read-Only Activity: 603 at all calls of activities'),
  pagingTokenSeconds: number(86_400, 'life of a paging token of activities in simulated seconds; then 1003'),
  unknownFieldCode: choice(['1003', '1006'], 'error of a create with fields that there are not'),
  unknownJob: choice(['1013', '610', '404'], 'answer about a job that is not known, or is of another API user'),
  texts1029: choice(
    ['seen', 'documented'],
    'texts of 1029 as seen in the wild, with a number in them, or as documented',
  ),
  connections: choice(
    ['kept', 'closed', 'stale'],
    'closed: right after each answer, unannounced; stale: the second call on a connection is reset unread',
  ),
  clockSkewSeconds: number(0, "added to all dates that the instance tells of itself: jobs', and the Date header"),
  dailyCalls: number(50_000, 'API calls in a day of US Central time; then 607'),
};

/** Checks switches that came from outside. @throws TypeError saying what is wrong */
export function readSwitches(value: unknown): Partial<Switches> {
  if (typeof value !== 'object' || value === null) throw new TypeError('Switches are an object');
  const read = Object.entries(value).map(([name, given]) => {
    if (!Object.hasOwn(SWITCHES, name))
      throw new TypeError(`${name} is no switch; there are ${Object.keys(SWITCHES).join(', ')}`);
    return [name, SWITCHES[name as keyof Switches].read(given)] as const;
  });
  return Object.fromEntries(read);
}

/** The switches as they stand unless given. */
export function defaultSwitches(): Switches {
  return Object.fromEntries(
    Object.entries(SWITCHES).map(([name, { fallback }]) => [name, fallback]),
  ) as unknown as Switches;
}
