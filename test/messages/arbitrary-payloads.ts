import fc from 'fast-check';

/** A value as Temporal carries it; anybody who may call Temporal may send any. */
export interface RawPayload {
  readonly metadata?: Record<string, Uint8Array>;
  readonly data?: Uint8Array;
}

/** The values that come with a message. None: it was sent without. */
export type RawPayloads = readonly RawPayload[];

const bytes = (text: string): Uint8Array => Buffer.from(text);

/** A payload of the encoding that nearly everybody sends, with a text that need not be JSON. */
function jsonText(text: string): RawPayload {
  return { metadata: { encoding: bytes('json/plain') }, data: bytes(text) };
}

export function json(value: unknown): RawPayload {
  return jsonText(JSON.stringify(value));
}

const DEEP = 20_000;

/** Texts that JSON can be and few think of, and some that it cannot. */
const ODD_TEXTS = [
  '1e400',
  '-0',
  '9007199254740993',
  '"\\ud800"',
  '{"__proto__":{"a":1},"constructor":1}',
  '['.repeat(DEEP) + ']'.repeat(DEEP),
  '{"wait":'.repeat(DEEP) + 'null' + '}'.repeat(DEEP),
  JSON.stringify(Object.fromEntries(Array.from({ length: 30_000 }, (_, index) => [`key ${index}`, index]))),
  JSON.stringify('é'.repeat(400_000)),
  JSON.stringify({ window: 'x'.repeat(800_000) }),
  '',
  '{"a":',
  'not JSON',
  '\ufeff{}',
];

/** Payloads that no JSON converter reads. */
const NOT_JSON: readonly RawPayload[] = [
  {},
  { data: bytes('{}') },
  { metadata: { encoding: bytes('binary/null') } },
  { metadata: { encoding: bytes('binary/plain') }, data: Buffer.alloc(5000, 0xff) },
  { metadata: { encoding: bytes('json/protobuf') }, data: bytes('{}') },
  { metadata: { encoding: bytes('binary/encrypted') }, data: Buffer.alloc(64, 7) },
  { metadata: { encoding: bytes('json/plain') } },
  { metadata: { encoding: bytes('json/plain') }, data: Buffer.from([0xff, 0xfe, 0x00]) },
];

/** What else a value of the right kind may be: JSON of every shape, and what is no JSON. */
const payload: fc.Arbitrary<RawPayload> = fc.oneof(
  { weight: 4, arbitrary: fc.json({ maxDepth: 4 }).map(jsonText) },
  { weight: 2, arbitrary: fc.constantFrom(...ODD_TEXTS).map(jsonText) },
  { weight: 1, arbitrary: fc.constantFrom(...NOT_JSON) },
);

export const payloads: fc.Arbitrary<RawPayloads> = fc.oneof(
  { weight: 8, arbitrary: payload.map((one) => [one]) },
  { weight: 1, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.array(payload, { minLength: 2, maxLength: 3 }) },
);

/** Values for one key of an object: of the right type and out of bounds, or of no type that was thought of. */
const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(1e308, -1e308, 5e-324, -1, 0, 1.5, 2 ** 53, '', 'x'.repeat(100_000), '\u0000', '‮', null),
  fc.constantFrom('9999-12-31T23:59:59Z', '0000-01-01', '1 y', '1e9 years', 's3://a/b', 'constructor', '__proto__'),
);

/** A right object of which one to three keys, of its own or others, were changed or lost. */
export function bent(right: Readonly<Record<string, unknown>>, keys: readonly string[]): fc.Arbitrary<RawPayloads> {
  const change = fc.tuple(fc.constantFrom(...keys), fc.option(value, { nil: undefined }));
  return fc
    .array(change, { minLength: 1, maxLength: 3 })
    .map((changes) => [json({ ...right, ...Object.fromEntries(changes) })]);
}
