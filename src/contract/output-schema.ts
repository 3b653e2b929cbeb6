import { z } from 'zod';
import { describedColumnSchema } from './columns.js';

/** `_<name>/schema.json`: what the columns of an output are, for whoever makes a table of it. Holds nothing of any lead. */
export const outputSchema = z
  .object({
    version: z.literal(1),
    /** Host of the Marketo instance. */
    instance: z.string(),
    /** `s3://` URL of the output. */
    destination: z.string(),
    /** End of the run's range: the schema is that of the output whose manifest has the same. */
    endAt: z.iso.datetime(),
    /** In their order. */
    columns: z.array(describedColumnSchema).readonly(),
  })
  .readonly();

/** See {@link outputSchema}. */
export type OutputSchema = z.infer<typeof outputSchema>;
