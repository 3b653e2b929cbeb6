import {
  findUploads,
  listUploadedParts,
  type MultipartUpload,
  type UploadedPart,
} from '../storage/multipart-upload.js';
import { headObject } from '../storage/objects.js';
import { uploadPartBytesFor } from '../storage/upload-writer.js';
import type { StoreContext } from './transfer-context.js';

/** An upload of an earlier attempt, with what of it can be used. */
export interface EarlierUpload {
  readonly upload: MultipartUpload;
  readonly uploaded: readonly UploadedPart[];
}

/** What earlier attempts left of a part: the finished object, or the upload with the most bytes that can be used. */
export async function findEarlier({
  store,
  location,
  file,
  uploadId,
  signal,
}: StoreContext): Promise<'finished' | EarlierUpload | undefined> {
  const uploads = (await findUploads(store, location.bucket, location.key, signal)).filter(
    ({ key }) => key === location.key,
  );
  const candidates = await Promise.all(
    uploads.map(async (upload) => ({
      upload,
      uploaded: usable(await listUploadedParts(store, upload, signal), file.bytes),
    })),
  );
  const rank = ({ upload, uploaded }: EarlierUpload): number =>
    sizeOf(uploaded) + (upload.uploadId === uploadId ? 0.5 : 0);
  const [best] = candidates.sort((a, b) => rank(b) - rank(a));
  if (best) return best;
  return (await headObject(store, location, signal)) ? 'finished' : undefined;
}

/** Bytes of parts of an upload. */
export function sizeOf(parts: readonly UploadedPart[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** The uploaded parts that can stay: from the first on, each of the full size, and the shorter last one once the file is whole. */
function usable(parts: readonly UploadedPart[], fileBytes: number): UploadedPart[] {
  const partBytes = uploadPartBytesFor(fileBytes);
  const kept: UploadedPart[] = [];
  for (const part of parts) {
    const isNext = part.partNumber === kept.length + 1;
    const isLast = sizeOf(kept) + part.bytes >= fileBytes;
    if (!isNext || (part.bytes !== partBytes && !isLast)) break;
    kept.push(part);
  }
  return kept;
}
