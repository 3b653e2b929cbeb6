import type { QuoteRule } from '../csv/record-scanner.js';
import { deleteObjects, getObjectStream, headObject } from '../storage/objects.js';
import { FileMismatchError, PartVerifier, type Contents } from './part-verifier.js';
import type { StoreContext } from './transfer-context.js';

/** A part in S3 whose bytes are the file's, with what is in them. */
export interface StoredPart {
  readonly etag: string;
  /** Size of the part: the file's, and of an added line end. */
  readonly partBytes: number;
  /** Size of the file. */
  readonly bytes: number;
  readonly contents: Contents | { readonly problem: string };
}

/** Bytes of the longest line end that is added to a file: how many of the part may not be the file's. */
const LONGEST_LINE_END = 2;

/**
 * Reads a stored part back and examines it anew. How much of its end is the file's, its SHA-256 tells.
 *
 * @throws FileMismatchError if it is not the file that Marketo told of; it is deleted then
 */
export async function readBack(context: StoreContext, quoteRule: QuoteRule): Promise<StoredPart> {
  const { store, location, file, signal, onProgress } = context;
  const head = await headObject(store, location, signal);
  if (!head) throw new FileMismatchError('The part is gone from S3');
  const verifier = new PartVerifier(file, quoteRule);
  try {
    let tail = Buffer.alloc(0);
    for await (const chunk of await getObjectStream(store, location, { ifMatch: head.etag, signal })) {
      const bytes = Buffer.concat([tail, chunk]);
      const certain = Math.max(0, bytes.length - LONGEST_LINE_END);
      verifier.push(bytes.subarray(0, certain));
      tail = Buffer.from(bytes.subarray(certain));
      onProgress({ uploadId: '', uploadedBytes: head.bytes });
    }
    const added = ['', '\n', '\r\n'].find(
      (end) =>
        tail.toString('latin1').endsWith(end) && verifier.isWholeWith(tail.subarray(0, tail.length - end.length)),
    );
    verifier.push(tail.subarray(0, tail.length - (added?.length ?? 0)));
    const { bytes, addedNewline, contents } = verifier.end();
    if (addedNewline.toString() !== added) {
      throw new FileMismatchError('The part in S3 does not end as its file does');
    }
    return { etag: head.etag, partBytes: head.bytes, bytes, contents };
  } catch (error) {
    verifier.dispose();
    if (error instanceof FileMismatchError) await deleteObjects(store, location.bucket, [location.key], signal);
    throw error;
  }
}
