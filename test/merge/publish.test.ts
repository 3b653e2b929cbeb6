import { gunzipSync } from 'node:zlib';
import { GetObjectTaggingCommand, HeadObjectCommand, S3ServiceException } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Manifest } from '../../src/contract/result.js';
import { makeOutput } from '../../src/merge/make-output.js';
import type { MergeContext } from '../../src/merge/merge-context.js';
import { readCommit, writeCommit, type CommitRecord } from '../../src/parts/commit-record.js';
import { deleteObjects, headObject, putBytes } from '../../src/storage/objects.js';
import { crc32 } from '../../src/bytes/crc32.js';
import { sha256 } from '../../src/bytes/sha256.js';
import { manifestUrl, outputNames } from '../../src/parts/output-names.js';
import { csv, rows, Run } from '../parts/run.js';

let run: Run;

beforeEach(async () => {
  run = await Run.start();
});

afterEach(async () => {
  await run.stop();
});

function merge(of: Run = run, options: Partial<MergeContext> = {}): ReturnType<typeof makeOutput> {
  return makeOutput(of.mergeContext(options));
}

async function manifest(of: Run = run): Promise<Manifest> {
  return JSON.parse((await of.read(outputNames(of.destination).manifest.key)).toString()) as Manifest;
}

function keyOf({ destination, bucket }: Run): string {
  return destination.slice(`s3://${bucket}/`.length);
}

async function output(of: Run = run): Promise<string> {
  return (await of.read(keyOf(of))).toString();
}

/** A merge that must not publish: nothing lies at the destination, and no upload is left. */
async function expectNothingPublished(failure: unknown): Promise<void> {
  expect(failure).toMatchObject({ name: 'RunFailure', type: 'MergeMismatch' });
  expect(await headObject(run.store, { bucket: run.bucket, key: keyOf(run) })).toBeNull();
  expect((await run.keys()).filter((key) => key.endsWith('/manifest.json'))).toEqual([]);
  expect(await run.openUploads()).toEqual([]);
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

async function record(index: number): Promise<CommitRecord & { part: NonNullable<CommitRecord['part']> }> {
  const found = await readCommit(run.store, run.names, run.window(index));
  if (!found?.part) throw new Error('There should be a part');
  return { ...found, part: found.part };
}

/** Large enough to be copied by S3. */
function large(from: number, count = 6000): string[] {
  return rows(from, count, 'x'.repeat(1000));
}

describe('the output', () => {
  it('has one header and each lead once, the first window winning', async () => {
    await run.commitAll(
      csv(['1,a', '2,b', '1,again inside', '3,c'], { last: false }),
      csv(['2,again', '4,d', '3,again', '5,e', '4,again inside', '6,f', '1,again']),
      csv(['7,g']),
    );
    expect(await merge()).toEqual({
      manifest: manifestUrl(run.destination),
      leads: 7,
      duplicates: 5,
      bytes: 'id,email\n1,a\n2,b\n3,c\n4,d\n5,e\n6,f\n7,g\n'.length,
    });
    expect(await output()).toBe('id,email\n1,a\n2,b\n3,c\n4,d\n5,e\n6,f\n7,g\n');
  });

  it('is accounted for in the manifest, window by window', async () => {
    await run.commitAll(csv(['1,a', '2,b']), undefined, csv(['2,again', '3,c']));
    await merge(run, { lostCreates: 2, warnings: ['w'], takenOver: [run.window(2).startAt] });
    const account = await manifest();
    expect(account).toMatchObject({
      version: 2,
      workflowId: 'run',
      runId: 'run-run',
      instance: run.marketo.instanceHost,
      destination: run.destination,
      columns: [
        { name: 'id', dataType: 'string', type: 'integer' },
        { name: 'email', dataType: 'string', type: 'text' },
      ],
      leads: 3,
      duplicates: 1,
      etag: (await headObject(run.store, { bucket: run.bucket, key: keyOf(run) }))?.etag,
      crc32: crc32(Buffer.from(await output()))
        .toString(16)
        .padStart(8, '0'),
      lostCreates: 2,
      warnings: ['w'],
    });
    const ids = await run.read(run.output.ids.key);
    expect(account.ids).toEqual({ bytes: ids.length, sha256: sha256(ids), cardinality: 3 });
    expect(
      account.windows.map(({ records, leads, duplicates, takenOver }) => [records, leads, duplicates, takenOver]),
    ).toEqual([
      [2, 2, 0, false],
      [0, 0, 0, false],
      [2, 1, 1, true],
    ]);
  });

  it('drops all rows of a part whose leads all came before', async () => {
    await run.commitAll(csv(['1,a', '2,b']), csv(['2,again', '1,again']), csv(['3,c']));
    expect(await merge()).toMatchObject({ leads: 3, duplicates: 2 });
    expect(await output()).toBe('id,email\n1,a\n2,b\n3,c\n');
  });

  it('is composed of parts that S3 copies and of parts that are gathered', async () => {
    const [first, third] = [large(1), large(7001)];
    await run.commitAll(csv(first, { last: false }), csv(rows(6001, 10)), csv(third));
    expect(await merge()).toMatchObject({ leads: 12_010, duplicates: 0 });
    expect((await output()) === csv([...first, ...rows(6001, 10), ...third]).toString()).toBe(true);
  });

  it('is the header alone where there are no leads, by the names of the fields', async () => {
    await run.commitAll();
    expect(await merge()).toMatchObject({ leads: 0, duplicates: 0, bytes: 9 });
    expect(await output()).toBe('id,email\n');
  });

  it('keeps CRLFs', async () => {
    await run.commitAll(csv(['1,a'], { lineEnd: '\r\n', last: false }), csv(['2,b'], { lineEnd: '\r\n' }));
    await merge();
    expect(await output()).toBe('id,email\r\n1,a\r\n2,b\r\n');
  });

  it('is read by every reader of RFC 4180: rows that were not are quoted anew, and lines end alike', async () => {
    await run.commitAll(
      csv(['1,"first"Name1"', '2,"b ""c"""', '3,5" pipe'], { last: false }),
      csv(['1,"again"st"', '4,"x\r\ny"', '5,null'], { lineEnd: '\r\n', header: 'id,"email"' }),
      csv(['6,"z"z"', '7,e']),
    );
    expect(await merge()).toMatchObject({ leads: 7, duplicates: 1 });
    expect(await output()).toBe(
      'id,email\n1,"first""Name1"\n2,"b ""c"""\n3,"5"" pipe"\n4,"x\r\ny"\n5,null\n6,"z""z"\n7,e\n',
    );
    const { quoting, mended, windows, warnings } = await manifest();
    expect({ quoting, mended }).toEqual({ quoting: 'rfc4180', mended: 3 });
    expect(windows.map((window) => window.mended)).toEqual([2, 0, 1]);
    expect(warnings).toEqual([expect.stringMatching(/^The lines of the window 2024-02-01T00:00:00Z end with CRLF/)]);
  });

  it('is as Marketo wrote it where that is asked for', async () => {
    await run.commitAll(csv(['1,"first"Name1"', '3,5" pipe']), csv(['1,"again"st"', '4,"z"z"']));
    const plan = await run.planAnew({ quoting: 'asIs' });
    expect(await merge(run, { plan })).toMatchObject({ leads: 3, duplicates: 1 });
    expect(await output()).toBe('id,email\n1,"first"Name1"\n3,5" pipe\n4,"z"z"\n');
    expect(await manifest()).toMatchObject({ quoting: 'asIs', mended: 0 });
  });

  it('is compressed where its name ends in .gz', async () => {
    const zipped = await Run.start('out/leads.csv.gz');
    try {
      await zipped.commitAll(csv(large(1)), csv(['1,again', '9000,z']));
      await merge(zipped);
      const expected = csv([...large(1), '9000,z']);
      expect(gunzipSync(await zipped.read('out/leads.csv.gz')).equals(expected)).toBe(true);
      const head = await zipped.client.send(new HeadObjectCommand({ Bucket: zipped.bucket, Key: 'out/leads.csv.gz' }));
      expect(head).toMatchObject({ ContentEncoding: 'gzip', ContentType: 'text/csv; charset=utf-8' });
    } finally {
      await zipped.stop();
    }
  });

  it('has the type and the tags that were asked for', async () => {
    await run.commitAll(csv(['1,a']));
    await merge(run, { contentType: 'text/plain', tags: { team: 'Ops' } });
    const location = { Bucket: run.bucket, Key: keyOf(run) };
    expect(await run.client.send(new HeadObjectCommand(location))).toMatchObject({ ContentType: 'text/plain' });
    expect(await run.client.send(new GetObjectTaggingCommand(location))).toMatchObject({
      TagSet: [{ Key: 'team', Value: 'Ops' }],
    });
  });

  it('leaves neither plan nor commit record: nothing of it is taken over again', async () => {
    await run.commitAll(csv(['1,a']));
    await merge();
    const left = (await run.keys(run.names.prefix)).filter((key) => key.endsWith('.json'));
    expect(left).toEqual([run.names.publication]);
  });
});

describe('parts that are not what was verified', () => {
  it.each([
    ['a small part', rows(1, 100)],
    ['a large one', large(1)],
  ])('stop the merge: %s that was changed', async (_, of) => {
    await run.commitAll(csv(of));
    const { part } = await record(0);
    const bytes = await run.read(part.key);
    bytes[bytes.length - 5] = (bytes.at(-5) ?? 0) ^ 1;
    await putBytes(run.store, { bucket: run.bucket, key: part.key }, bytes);
    await expectNothingPublished(await failureOf(merge()));
  });

  it.each([
    ['a small part', rows(1, 100)],
    ['a large one', large(1)],
  ])('stop the merge: %s with another CRC-32 than was recorded', async (_, of) => {
    await run.commitAll(csv(of), csv(rows(10_001, 3)));
    const { part, ...rest } = await record(0);
    await writeCommit(run.store, run.names, run.window(0), {
      ...rest,
      part: { ...part, bodyCrc32: part.bodyCrc32 ^ 1 },
    });
    await expectNothingPublished(await failureOf(merge()));
  });

  it('stop the merge: one that is gone', async () => {
    await run.commitAll(csv(['1,a']), csv(['2,b']));
    await deleteObjects(run.store, run.bucket, [(await record(1)).part.key]);
    await expectNothingPublished(await failureOf(merge()));
  });

  it('stop the merge: one with duplicates that was changed', async () => {
    await run.commitAll(csv(rows(1, 20)), csv(['2,x', '30,x', '4,x', '31,x', '6,x', '32,x', '8,x']));
    const { part, ...rest } = await record(1);
    await writeCommit(run.store, run.names, run.window(1), {
      ...rest,
      part: { ...part, bodyCrc32: part.bodyCrc32 ^ 1 },
    });
    await expectNothingPublished(await failureOf(merge()));
  });

  it.each([
    ['changed', Buffer.from('no set of ids')],
    ['gone', undefined],
  ])('stop the merge: ids that are %s', async (_, bytes) => {
    await run.commitAll(csv(['1,a']));
    const { part } = await record(0);
    if (bytes) await putBytes(run.store, { bucket: run.bucket, key: part.idsKey }, bytes);
    else await deleteObjects(run.store, run.bucket, [part.idsKey]);
    await expectNothingPublished(await failureOf(merge()));
  });

  it('stop the merge: fewer records than were recorded', async () => {
    await run.commitAll(csv(['1,a', '2,b']), csv(['1,again', '3,c']));
    const { part, ...rest } = await record(1);
    const more = { ...rest, records: 3, part: { ...part, duplicatesInside: 1 } };
    await writeCommit(run.store, run.names, run.window(1), more);
    await expectNothingPublished(await failureOf(merge()));
  });

  it('stop the merge: a record that contradicts itself', async () => {
    await run.commitAll(csv(['1,a']));
    await writeCommit(run.store, run.names, run.window(0), { ...(await record(0)), records: 2 });
    await expectNothingPublished(await failureOf(merge()));
  });

  it.each([
    ['names', csv(['2,b'], { header: 'id,email,mail' })],
    ['order', csv(['b,2'], { header: 'email,id' })],
  ])('stop the merge: headers that differ in %s', async (_, other) => {
    await run.commitAll(csv(['1,a']), other);
    await expectNothingPublished(await failureOf(merge()));
  });

  it.each([
    ['line end', csv(['2,b'], { lineEnd: '\r\n' })],
    ['quotes', csv(['2,b'], { header: 'id,"email"' })],
  ])('stop the merge that leaves all as it is: headers that differ in %s', async (_, other) => {
    await run.commitAll(csv(['1,a']), other);
    const ref = await run.planAnew({ quoting: 'asIs' });
    await expectNothingPublished(await failureOf(merge(run, { plan: ref })));
  });

  it('stop the merge: a window without a record, or with one of another plan', async () => {
    await run.commitAll(csv(['1,a']));
    await writeCommit(run.store, run.names, run.window(0), { ...(await record(0)), instance: 'other' });
    await expectNothingPublished(await failureOf(merge()));
    await deleteObjects(
      run.store,
      run.bucket,
      (await run.keys()).filter((key) => key.endsWith('Z.json')),
    );
    await expectNothingPublished(await failureOf(merge()));
  });
});

describe('a merge that is told to stop', () => {
  it('publishes nothing, where that comes before the object is there', async () => {
    await run.commitAll(csv(['1,a']));
    await expect(merge(run, { signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop');
    expect(await headObject(run.store, { bucket: run.bucket, key: keyOf(run) })).toBeNull();
  });

  it('still accounts for an object that is there', async () => {
    await run.commitAll(csv(['1,a']));
    const stop = new AbortController();
    const send = run.store.client.send.bind(run.store.client) as (command: object) => Promise<unknown>;
    const spy = jest.spyOn(run.store.client, 'send').mockImplementation((async (command: object) => {
      const answer = await send(command);
      if (command.constructor.name === 'CompleteMultipartUploadCommand') stop.abort(new Error('stop'));
      return answer;
    }) as never);
    try {
      expect(await merge(run, { signal: stop.signal }).catch((error: unknown) => error)).toMatchObject({ leads: 1 });
    } finally {
      spy.mockRestore();
    }
    expect((await manifest()).leads).toBe(1);
  });
});

describe('the destination', () => {
  const location = (): { bucket: string; key: string } => ({ bucket: run.bucket, key: keyOf(run) });

  it('is replaced where it is what it was when the run was planned', async () => {
    const destinationEtag = await putBytes(run.store, location(), Buffer.from('the old one'));
    await run.commitAll(csv(['1,a']));
    await merge(run, { destinationEtag });
    expect(await output()).toBe('id,email\n1,a\n');
  });

  it.each([
    ['was written where there was nothing', null],
    ['was written anew', '"the etag of the old one"'],
  ])('is left alone where it %s, and the parts are kept', async (_, destinationEtag) => {
    await putBytes(run.store, location(), Buffer.from("somebody else's"));
    await run.commitAll(csv(['1,a']));
    const before = await run.keys();
    await expect(merge(run, { destinationEtag })).rejects.toMatchObject({
      name: 'RunFailure',
      type: 'DestinationChanged',
    });
    expect(await output()).toBe("somebody else's");
    expect(await run.keys()).toEqual(before);
    expect(await run.openUploads()).toEqual([]);
  });

  it('is left alone where it was deleted', async () => {
    await run.commitAll(csv(['1,a']));
    await expect(merge(run, { destinationEtag: '"gone"' })).rejects.toMatchObject({
      name: 'RunFailure',
      type: 'DestinationChanged',
    });
  });

  it('is left alone where it is written in the last moment', async () => {
    await run.commitAll(csv(['1,a']));
    intercept(run, async (command) => {
      if (command === 'CompleteMultipartUploadCommand') {
        stopIntercepting(run);
        await putBytes(run.store, location(), Buffer.from('just in time'));
      }
    });
    await expect(merge()).rejects.toMatchObject({ name: 'RunFailure', type: 'DestinationChanged' });
    expect(await output()).toBe('just in time');
    expect(await run.openUploads()).toEqual([]);
  });
});

describe('done again', () => {
  it('finds what is published, and changes nothing', async () => {
    await run.commitAll(csv(['1,a', '1,again']), csv(['2,b']));
    const first = await merge();
    const account = await manifest();
    expect(await merge()).toEqual(first);
    expect(await manifest()).toEqual(account);
  });

  it('writes the manifest that an attempt could not', async () => {
    await run.commitAll(csv(['1,a', '1,again']), csv(['2,b']));
    const keys = (await run.keys()).filter((key) => key.endsWith('.json'));
    const saved = await Promise.all(keys.map(async (key) => ({ key, bytes: await run.read(key) })));
    const first = await merge();
    const { etag } = await manifest();
    await deleteObjects(run.store, run.bucket, [outputNames(run.destination).manifest.key]);
    for (const { key, bytes } of saved) await putBytes(run.store, { bucket: run.bucket, key }, bytes);
    expect(await merge()).toEqual(first);
    expect((await manifest()).etag).toBe(etag);
  });

  it('under another plan does not publish in the upload that the first one left', async () => {
    await run.commitAll(csv(large(1)));
    intercept(run, crashAt('CompleteMultipartUploadCommand'));
    await failureOf(merge());
    stopIntercepting(run);
    expect(await run.openUploads()).toEqual([keyOf(run)]);

    const plan = await run.planAnew();
    expect(await merge(run, { plan })).toMatchObject({ leads: 6000 });
    expect((await output()) === csv(large(1)).toString()).toBe(true);
    expect(await run.openUploads()).toEqual([]);
  });

  it.each(['before', 'after'] as const)(
    'goes on wherever a worker died, %s any of its requests was answered',
    async (when) => {
      let died = true;
      for (let request = 1; died; request++) {
        const mortal = await Run.start();
        try {
          await mortal.commitAll(csv(rows(1, 20)), csv(['2,x', '30,x', '4,x', '31,x', '6,x', '32,x', '8,x']));
          let seen = 0;
          intercept(
            mortal,
            crashAt(() => ++seen >= request, when),
          );
          died = (await failureOf(merge(mortal))) !== undefined;
          stopIntercepting(mortal);
          expect(await merge(mortal)).toMatchObject({ leads: 23, duplicates: 4 });
          expect(await output(mortal)).toBe(csv([...rows(1, 20), '30,x', '31,x', '32,x']).toString());
          expect(await manifest(mortal)).toMatchObject({ leads: 23, duplicates: 4 });
          expect((await mortal.keys(mortal.names.prefix)).filter((key) => key.endsWith('Z.json'))).toEqual([]);
          // Of the output no part is left in any upload; the clean-up after a run aborts those of the parts.
          expect(await mortal.storedParts(keyOf(mortal))).toEqual([]);
        } finally {
          await mortal.stop();
        }
      }
    },
    240_000,
  );
});

describe('a store that is less than Amazon S3', () => {
  it.each([
    ['does not tell the CRC-32 of what it copied', withoutCopyChecksum],
    ['does not copy ranges', withoutCopy],
  ])('that %s has the output streamed through the worker', async (_, lessen) => {
    await run.commitAll(csv(large(1)), csv(rows(7000, 3)));
    lessen(run);
    expect(await merge()).toMatchObject({ leads: 6003 });
    stopIntercepting(run);
    expect((await output()) === csv([...large(1), ...rows(7000, 3)]).toString()).toBe(true);
    expect(run.warnings).toEqual([expect.stringContaining('streamed through the worker')]);
    expect(await run.openUploads()).toEqual([]);
  });
});

type Interception = (command: string, send: () => Promise<unknown>) => unknown;

/** Lets a test step into each request of the run's store: it may throw, send by itself, or return nothing to let it pass. */
function intercept({ client }: Run, step: Interception): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      let sent: Awaited<ReturnType<typeof next>> | undefined;
      await step(String(context['commandName']), async () => {
        sent = await next(args);
        return sent.output;
      });
      return sent ?? next(args);
    },
    { step: 'initialize', name: 'test' },
  );
}

function stopIntercepting({ client }: Run): void {
  client.middlewareStack.remove('test');
}

/** From one request on, nothing gets through any more: the first of them perhaps, but not its answer. */
function crashAt(which: string | (() => boolean), when: 'before' | 'after' = 'before'): Interception {
  let dead = false;
  return async (command, send) => {
    const first = !dead;
    dead ||= typeof which === 'string' ? command === which : which();
    if (!dead) return;
    if (first && when === 'after') await send();
    throw new Error('The worker is dead');
  };
}

function withoutCopyChecksum(of: Run): void {
  intercept(of, async (command, send) => {
    if (command !== 'UploadPartCopyCommand') return;
    const { CopyPartResult } = (await send()) as { CopyPartResult?: { ChecksumCRC32?: string } };
    delete CopyPartResult?.ChecksumCRC32;
  });
}

function withoutCopy(of: Run): void {
  intercept(of, (command) => {
    if (command !== 'UploadPartCopyCommand') return;
    throw new S3ServiceException({ name: 'NotImplemented', $fault: 'server', $metadata: { httpStatusCode: 501 } });
  });
}
