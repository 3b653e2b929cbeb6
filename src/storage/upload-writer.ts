import { crc32 } from '../bytes/crc32.js';
import { MAX_UPLOAD_PARTS, uploadPart, type MultipartUpload, type UploadedPart } from './multipart-upload.js';
import type { ObjectStore } from './object-store.js';

const MEBIBYTE = 1024 * 1024;

/** Parts of this size keep memory small and the number of requests low. */
const SMALLEST_PART_BYTES = 8 * MEBIBYTE;

/** Parts under way at once: while two are uploaded, a third buffer fills. */
const IN_FLIGHT = 2;

/** Buffers that are kept for the next writer: what is allocated anew for each file would linger outside the heap for a while. */
const POOLED_BUFFERS = 6;
const pool: Buffer[] = [];

/**
 * Size of the parts of an object of so many bytes: the same each time, so that an upload can be taken up again; at least
 * 8 MiB, and such that 10,000 parts suffice with one to spare for what is added at the end.
 */
export function uploadPartBytesFor(totalBytes: number): number {
  const needed = Math.ceil(totalBytes / (MAX_UPLOAD_PARTS - 1) / MEBIBYTE) * MEBIBYTE;
  return Math.max(SMALLEST_PART_BYTES, needed);
}

export interface UploadWriterOptions {
  readonly store: ObjectStore;
  readonly upload: MultipartUpload;
  readonly uploadPartBytes: number;
  /** Parts that are in S3 already, from the first on: writing goes on behind them. */
  readonly uploaded: readonly UploadedPart[];
  /** Aborting ends the requests under way; it never aborts the upload. */
  readonly signal: AbortSignal;
  /** Called with the bytes that are in S3 without a gap, each time that they have become more. */
  readonly onUploaded?: (bytes: number) => void;
}

/**
 * Cuts a stream into parts of one size and uploads them, two at a time. Only the last part may be shorter, and it is only
 * uploaded by {@link finish}. Holds three buffers of a part's size at most.
 */
export class UploadWriter {
  private readonly parts: UploadedPart[];
  private readonly underWay = new Set<Promise<void>>();
  private nextNumber: number;
  private buffer: Buffer | undefined;
  private filled = 0;
  private toldBytes: number;
  private failure: { readonly error: unknown } | undefined;

  constructor(private readonly options: UploadWriterOptions) {
    this.parts = [...options.uploaded];
    this.nextNumber = this.parts.length + 1;
    this.toldBytes = this.contiguousBytes();
  }

  /**
   * Takes bytes; waits while two parts are under way and the third buffer is full. The chunk may be used again afterwards.
   *
   * @throws what S3 answered to an earlier part
   */
  async write(chunk: Buffer): Promise<void> {
    let taken = 0;
    while (taken < chunk.length) {
      this.buffer ??= take(this.options.uploadPartBytes);
      const copied = chunk.copy(this.buffer, this.filled, taken);
      taken += copied;
      this.filled += copied;
      if (this.filled === this.options.uploadPartBytes) await this.send();
    }
    this.throwIfFailed();
  }

  /** Uploads what is left and waits for all parts; returns them by number. */
  async finish(): Promise<UploadedPart[]> {
    // An object needs at least one part, if an empty one.
    if (this.filled > 0 || this.nextNumber === 1) {
      this.buffer ??= take(this.options.uploadPartBytes);
      await this.send();
    }
    await Promise.all(this.underWay);
    this.throwIfFailed();
    return this.parts.sort((a, b) => a.partNumber - b.partNumber);
  }

  private async send(): Promise<void> {
    const buffer = this.buffer ?? Buffer.alloc(0);
    const body = buffer.subarray(0, this.filled);
    this.buffer = undefined;
    this.filled = 0;
    while (this.underWay.size >= IN_FLIGHT) await Promise.race(this.underWay);
    this.throwIfFailed();
    const upload = this.upload(this.nextNumber++, body)
      .catch((error: unknown) => {
        this.failure ??= { error };
      })
      .finally(() => {
        this.underWay.delete(upload);
        give(buffer);
      });
    this.underWay.add(upload);
  }

  private async upload(partNumber: number, body: Buffer): Promise<void> {
    const { store, upload, signal, onUploaded: onStored } = this.options;
    this.parts.push(await uploadPart(store, upload, partNumber, body, crc32(body), signal));
    const bytes = this.contiguousBytes();
    if (bytes <= this.toldBytes) return;
    this.toldBytes = bytes;
    onStored?.(bytes);
  }

  private contiguousBytes(): number {
    const byNumber = [...this.parts].sort((a, b) => a.partNumber - b.partNumber);
    let bytes = 0;
    for (const [index, part] of byNumber.entries()) {
      if (part.partNumber !== index + 1) break;
      bytes += part.bytes;
    }
    return bytes;
  }

  private throwIfFailed(): void {
    if (this.failure) throw this.failure.error;
  }
}

function take(bytes: number): Buffer {
  const index = pool.findIndex((buffer) => buffer.length === bytes);
  return index >= 0 ? (pool.splice(index, 1)[0] ?? Buffer.allocUnsafeSlow(bytes)) : Buffer.allocUnsafeSlow(bytes);
}

function give(buffer: Buffer): void {
  if (buffer.length === SMALLEST_PART_BYTES && pool.length < POOLED_BUFFERS) pool.push(buffer);
}
