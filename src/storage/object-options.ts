import { defined } from '../contract/defined.js';

/** What an object is written with. */
export interface ObjectOptions {
  readonly contentType?: string;
  readonly contentEncoding?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
}

/** The request parameters that make up {@link ObjectOptions}. */
export function writeParameters({ contentType, contentEncoding, metadata, tags }: ObjectOptions): {
  ContentType?: string;
  ContentEncoding?: string;
  Metadata?: Record<string, string>;
  Tagging?: string;
} {
  const hasTags = tags && Object.keys(tags).length > 0;
  return defined({
    ContentType: contentType,
    ContentEncoding: contentEncoding,
    Metadata: metadata,
    Tagging: hasTags ? new URLSearchParams(tags).toString() : undefined,
  });
}
