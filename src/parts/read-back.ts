import type { Quoting } from '../csv/record-scanner.js';
import { deleteObjects, getObjectStream, headObject } from '../storage/objects.js';
import { FileMismatchError, PartVerifier, type Contents } from './part-verifier.js';
import type { StoreContext } from './transfer-context.js';

/** A part in S3 whose bytes are the file's, with what is in them. */
export interface StoredPart {
  readonly etag: string;
  /** Size of the part: the file's, and of an added line end. */
  readonly partBytes: number;
  readonly contents: Contents | { readonly problem: string };
}

/**
 * Reads a stored part back and examines it anew.
 *
 * @throws FileMismatchError if it is not the file that Marketo told of; it is deleted then
 */
export async function readBack(context: StoreContext, quoting: Quoting): Promise<StoredPart> {
  const { store, location, file, signal, onProgress } = context;
  const head = await headObject(store, location);
  if (!head) throw new FileMismatchError('The part is gone from S3');
  const verifier = new PartVerifier(file, quoting);
  try {
    const rest: Buffer[] = [];
    let position = 0;
    for await (const chunk of await getObjectStream(store, location, { ifMatch: head.etag, signal })) {
      const ofFile = Math.max(0, Math.min(chunk.length, file.bytes - position));
      if (ofFile > 0) verifier.push(chunk.subarray(0, ofFile));
      if (ofFile < chunk.length) rest.push(Buffer.from(chunk.subarray(ofFile)));
      position += chunk.length;
      onProgress({ uploadId: '', uploadedBytes: head.bytes });
    }
    const examination = verifier.end();
    if (!Buffer.concat(rest).equals(examination.addedNewline)) {
      throw new FileMismatchError('The part in S3 does not end as its file does');
    }
    return { etag: head.etag, partBytes: head.bytes, contents: examination.contents };
  } catch (error) {
    verifier.dispose();
    if (error instanceof FileMismatchError) await deleteObjects(store, location.bucket, [location.key]);
    throw error;
  }
}
