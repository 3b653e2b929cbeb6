import { expect, it } from '@jest/globals';
import { checkStore } from '../../src/storage/check-store.js';
import { MemoryS3 } from './memory-s3.js';

it('S3 in memory can do all that a run asks of a store, and nothing of the check is left in it', async () => {
  const s3 = await MemoryS3.start();
  try {
    const options = { contentType: 'text/csv', metadata: { name: 'value' }, tags: { key: 'value' } };
    expect(await checkStore(s3.store, 'bucket', 'check/', options)).toEqual([]);
    expect(s3.keys()).toEqual([]);
    expect(s3.openUploads()).toEqual([]);
  } finally {
    await s3.stop();
  }
});
