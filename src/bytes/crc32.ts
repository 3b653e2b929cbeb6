import * as zlib from 'node:zlib';

/** `zlib.crc32` came with Node 20.15 and 22.2; the engines of this package begin above that. */
export function crc32(bytes: Buffer, seed = 0): number {
  return bytes.length === 0 ? seed : zlib.crc32(bytes, seed);
}

/** The reflected polynomial of CRC-32 (ISO 3309, RFC 1952). */
const POLYNOMIAL = 0xedb88320;

/**
 * CRC-32 of A followed by B, from the CRC-32 of each and the length of B in bytes, of any size that S3 knows. Since CRC-32 is
 * linear, combining the CRC of a prefix with that of the whole gives that of what follows the prefix.
 */
export function combineCrc32(crcA: number, crcB: number, bytesOfB: number): number {
  if (!Number.isSafeInteger(bytesOfB) || bytesOfB < 0) throw new RangeError('The length must be a number of bytes');
  return (multiply(powerOfX(bytesOfB), crcA) ^ crcB) >>> 0;
}

/** CRC-32 of some bytes, and how many they are. */
export interface Checksummed {
  readonly bytes: number;
  readonly crc32: number;
}

/** What two pieces make, one after the other. */
export function append(a: Checksummed, b: Checksummed): Checksummed {
  return { bytes: a.bytes + b.bytes, crc32: combineCrc32(a.crc32, b.crc32, b.bytes) };
}

/**
 * Compares the same bytes in two divisions: wherever as many bytes are through in both, their CRC-32 must be the same.
 *
 * @returns index of the first wanted piece up to whose end other bytes were made; `undefined` where there is none
 */
export function firstDifference(wanted: readonly Checksummed[], made: readonly Checksummed[]): number | undefined {
  const nothing: Checksummed = { bytes: 0, crc32: 0 };
  let [soFar, next] = [nothing, 0];
  let expected = nothing;
  for (const [index, piece] of wanted.entries()) {
    expected = append(expected, piece);
    for (let part = made[next]; part && soFar.bytes < expected.bytes; part = made[++next]) soFar = append(soFar, part);
    const atBorder = soFar.bytes === expected.bytes;
    if (soFar.bytes < expected.bytes || (atBorder && soFar.crc32 !== expected.crc32)) return index;
  }
  const isAll = soFar.bytes === expected.bytes && made.slice(next).every(({ bytes }) => bytes === 0);
  return isAll ? undefined : Math.max(0, wanted.length - 1);
}

/** S3's spelling of a CRC-32: base64 of its four bytes, the highest first (Amazon S3: Checking object integrity). */
export function encodeCrc32(crc: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc);
  return bytes.toString('base64');
}

/** The opposite of {@link encodeCrc32}; `undefined` for anything else, such as the checksum of checksums `….-2`. */
export function decodeCrc32(text: string | undefined): number | undefined {
  if (text === undefined || !/^[A-Za-z0-9+/]{6}==$/.test(text)) return undefined;
  return Buffer.from(text, 'base64').readUInt32BE();
}

/** Product of two polynomials modulo CRC-32's, both reflected: bit 31 is x⁰. */
function multiply(a: number, b: number): number {
  let product = 0;
  let factor = b;
  for (let bit = 0x80000000; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) product ^= factor;
    factor = (factor & 1) !== 0 ? (factor >>> 1) ^ POLYNOMIAL : factor >>> 1;
  }
  return product >>> 0;
}

/** x to the power of 8 · bytes, by squaring. */
function powerOfX(bytes: number): number {
  let result = 0x80000000;
  let square = 0x00800000;
  for (let left = bytes; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = multiply(square, result);
    square = multiply(square, square);
  }
  return result;
}
