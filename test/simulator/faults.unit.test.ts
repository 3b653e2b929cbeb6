import { describe, expect, it } from '@jest/globals';
import { Faults, readFault, type FaultEffect } from '../../simulator/faults.js';
import { CREATE, DAY, errorOf, FROM, withInstance, type Answer, type Instance } from './instance.js';

const FOLDERS = '/rest/asset/v1/folders.json';

/** An instance on which the next call to an endpoint meets an effect. */
function withFault(
  endpoint: Parameters<Faults['strike']>[0],
  effect: FaultEffect,
  body: (instance: Instance) => Promise<void>,
): Promise<void> {
  return withInstance({}, async (instance) => {
    instance.simulator.faults.inject({ endpoint, nth: 1, effect });
    await body(instance);
    expect(instance.simulator.faults.struck).toEqual({ [effect.kind]: 1 });
  });
}

/** A completed job whose create met an effect. */
function withJob(effect: FaultEffect, body: (instance: Instance, exportId: string) => Promise<void>): Promise<void> {
  return withFault('create', effect, async (instance) => {
    const exportId = await instance.created();
    await instance.enqueue(exportId);
    await instance.run(exportId);
    await body(instance, exportId);
  });
}

/** A completed job whose first download meets an effect. */
function withDownload(
  effect: FaultEffect,
  body: (instance: Instance, exportId: string, whole: Buffer) => Promise<void>,
): Promise<void> {
  return withInstance({}, async (instance) => {
    const exportId = await instance.completed({ ...CREATE, fields: ['id', 'Notes__c'] });
    const whole = Buffer.from(await (await instance.file(exportId)).arrayBuffer());
    instance.simulator.faults.inject({ endpoint: 'file', nth: 1, effect });
    await body(instance, exportId, whole);
    // Only that one download.
    expect(Buffer.from(await (await instance.file(exportId)).arrayBuffer()).equals(whole)).toBe(true);
  });
}

/** What comes of a download before it ends or breaks. */
async function received(answer: Response): Promise<{ bytes: Buffer; broken: boolean }> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) chunks.push(chunk);
    return { bytes: Buffer.concat(chunks), broken: false };
  } catch {
    return { bytes: Buffer.concat(chunks), broken: true };
  }
}

describe('which calls a fault meets', () => {
  const strikes = (fault: Parameters<Faults['inject']>[0], calls = 10): boolean[] => {
    const faults = new Faults(1);
    faults.inject(fault);
    return Array.from({ length: calls }, () => faults.strike('status').length > 0);
  };
  const numbers = (struck: boolean[]): number[] => struck.flatMap((hit, index) => (hit ? [index + 1] : []));
  const effect = { kind: 'reset' } as const;

  it('is the nth alone, every nth, or as many as are wanted', () => {
    expect(numbers(strikes({ endpoint: 'status', nth: 3, effect }))).toEqual([3]);
    expect(numbers(strikes({ endpoint: 'status', every: 4, effect }))).toEqual([4, 8]);
    expect(numbers(strikes({ endpoint: 'any', times: 2, effect }))).toEqual([1, 2]);
    expect(numbers(strikes({ endpoint: 'any', every: 2, times: 3, effect }))).toEqual([2, 4, 6]);
    expect(numbers(strikes({ endpoint: 'file', effect }))).toEqual([]);
  });

  it('is a share of them by probability, the same ones for the same seed', () => {
    const fault = { endpoint: 'status', probability: 0.3, effect } as const;
    const hits = strikes(fault, 1000);
    expect(hits).toEqual(strikes(fault, 1000));
    expect(numbers(hits).length).toBeGreaterThan(200);
    expect(numbers(hits).length).toBeLessThan(400);
  });

  it('is none once faults are cleared', () => {
    const faults = new Faults(1);
    faults.inject({ endpoint: 'any', effect });
    faults.clear();
    expect(faults.strike('status')).toEqual([]);
  });

  it.each([
    null,
    'reset',
    {},
    { endpoint: 'nowhere', effect },
    { endpoint: 'any' },
    { endpoint: 'any', effect: {} },
    { endpoint: 'any', effect: { kind: 'unheard of' } },
  ])('is refused where it is not understood: %j', (fault) => {
    expect(() => readFault(fault)).toThrow(TypeError);
  });
});

describe('faults of any call', () => {
  it('error: a refusal in a 200', async () => {
    await withFault(
      'folders',
      { kind: 'error', code: '608', message: 'API Temporarily Unavailable' },
      async (instance) => {
        expect(errorOf(await instance.get(FOLDERS))).toBe('608 API Temporarily Unavailable');
        expect((await instance.get(FOLDERS)).success).toBe(true);
      },
    );
  });

  it('http: another status, with headers', async () => {
    const effect = { kind: 'http', status: 503, body: '<html>', headers: { 'retry-after': '7' } } as const;
    await withFault('folders', effect, async (instance) => {
      const answer = await instance.fetch(FOLDERS);
      expect([answer.status, answer.headers.get('retry-after'), await answer.text()]).toEqual([503, '7', '<html>']);
    });
  });

  it('reset: nothing is done', async () => {
    await withFault('create', { kind: 'reset' }, async (instance) => {
      await expect(instance.create()).rejects.toThrow();
      expect(instance.simulator.jobs.all).toHaveLength(0);
    });
  });

  it('resetAfter: it is done, and the answer lost', async () => {
    await withFault('create', { kind: 'resetAfter' }, async (instance) => {
      await expect(instance.create()).rejects.toThrow();
      expect(instance.simulator.jobs.all).toHaveLength(1);
    });
  });

  it('hang: no answer, then a reset', async () => {
    await withFault('folders', { kind: 'hang', seconds: 0.1 }, async (instance) => {
      await expect(instance.get(FOLDERS)).rejects.toThrow();
    });
  });

  it('truncateBody: half an answer', async () => {
    await withFault('create', { kind: 'truncateBody' }, async (instance) => {
      await expect(instance.create()).rejects.toMatchObject({ name: 'SyntaxError' });
      expect(instance.simulator.jobs.all).toHaveLength(1);
    });
  });

  it('noResult: success without a result', async () => {
    await withFault('status', { kind: 'noResult' }, async (instance) => {
      const answer = await instance.get(`/bulk/v1/leads/export/${await instance.created()}/status.json`);
      expect(answer).toEqual({ requestId: expect.any(String), success: true });
    });
  });

  it('expireToken: the token is refused, and another handed out', async () => {
    await withFault('folders', { kind: 'expireToken' }, async (instance) => {
      const old = instance.simulator.identity.issue().access_token;
      expect(errorOf(await instance.get(FOLDERS))).toBe('602 Access token expired');
      const next = instance.simulator.identity.issue().access_token;
      expect(next).not.toBe(old);
      const answer = await instance.fetch(FOLDERS, { headers: { authorization: `Bearer ${next}` } });
      expect(((await answer.json()) as Answer).success).toBe(true);
    });
  });

  it('dyingToken: the token is refused, and handed out all the same while it lives', async () => {
    await withFault('folders', { kind: 'dyingToken', secondsLeft: 10 }, async (instance) => {
      const old = instance.simulator.identity.issue();
      expect(errorOf(await instance.get(FOLDERS))).toBe('602 Access token expired');
      const again = instance.simulator.identity.issue();
      expect(again.access_token).toBe(old.access_token);
      expect(again.expires_in).toBeLessThanOrEqual(10);
      expect(errorOf(await instance.get(FOLDERS))).toBe('602 Access token expired');
    });
  });

  it('quotaExceeded: until the next midnight Central', async () => {
    await withFault('enqueue', { kind: 'quotaExceeded' }, async (instance) => {
      const exportId = await instance.created();
      expect(errorOf(await instance.enqueue(exportId))).toBe('1029 Export daily quota 500MB exceeded.');
      instance.jump(86_400);
      expect((await instance.enqueue(exportId)).success).toBe(true);
    });
  });
});

describe('faults of a job', () => {
  it('jobFails', async () => {
    await withJob({ kind: 'jobFails', message: 'Out of disk' }, async (instance, exportId) => {
      expect(await instance.status(exportId)).toMatchObject({ status: 'Failed', errorMsg: 'Out of disk' });
      expect((await instance.file(exportId)).status).toBe(404);
    });
  });

  it.each(['Cancelled', 'Canceled'] as const)('jobCancelled, spelled %s', async (spelling) => {
    await withJob({ kind: 'jobCancelled', spelling }, async (instance, exportId) => {
      expect(await instance.status(exportId)).toMatchObject({ status: spelling });
    });
  });

  it('jobVanishes', async () => {
    await withJob({ kind: 'jobVanishes' }, async (instance, exportId) => {
      expect(errorOf(await instance.get(`/bulk/v1/leads/export/${exportId}/status.json`))).toMatch(/^1013 /);
      expect((await instance.list()).result).toBeUndefined();
    });
  });

  it('jobStuck in Created: the first enqueue is forgotten, the second takes', async () => {
    await withFault('create', { kind: 'jobStuck', status: 'Created' }, async (instance) => {
      const exportId = await instance.created();
      expect((await instance.enqueue(exportId)).result).toMatchObject([{ status: 'Queued' }]);
      instance.jump(3600);
      expect(await instance.status(exportId)).toMatchObject({ status: 'Created' });
      await instance.enqueue(exportId);
      instance.jump(60);
      expect((await instance.status(exportId))['status']).not.toBe('Created');
    });
  });

  it.each(['Queued', 'Processing'] as const)('jobStuck in %s', async (status) => {
    await withFault('create', { kind: 'jobStuck', status }, async (instance) => {
      const exportId = await instance.created();
      await instance.enqueue(exportId);
      instance.jump(2 * 86_400);
      expect(await instance.status(exportId)).toMatchObject({ status });
      await instance.cancel(exportId);
      expect(await instance.status(exportId)).toMatchObject({ status: 'Cancelled' });
    });
  });

  it('unknownStatus', async () => {
    await withJob({ kind: 'unknownStatus', status: 'Paused' }, async (instance, exportId) => {
      expect(await instance.status(exportId)).toMatchObject({ status: 'Paused' });
    });
  });

  it('wrongRecordCount', async () => {
    await withJob({ kind: 'wrongRecordCount', by: -2 }, async (instance, exportId) => {
      const records = instance.job(exportId).facts?.records ?? 0;
      expect(await instance.status(exportId)).toMatchObject({ numberOfRecords: records - 2 });
    });
  });

  it('noRecordCount', async () => {
    await withJob({ kind: 'noRecordCount' }, async (instance, exportId) => {
      expect(await instance.status(exportId)).not.toHaveProperty('numberOfRecords');
    });
  });

  it('wrongChecksum', async () => {
    await withJob({ kind: 'wrongChecksum' }, async (instance, exportId) => {
      expect(await instance.status(exportId)).toMatchObject({ fileChecksum: `sha256:${'0'.repeat(64)}` });
    });
  });

  it('fileExpired', async () => {
    await withJob({ kind: 'fileExpired' }, async (instance, exportId) => {
      expect(await instance.status(exportId)).toMatchObject({ status: 'Completed' });
      expect((await instance.file(exportId)).status).toBe(404);
      expect((await instance.file(exportId)).status).toBe(404);
    });
  });
});

describe('faults of a download', () => {
  it('file404', async () => {
    await withDownload({ kind: 'file404' }, async (instance, exportId) => {
      expect((await instance.file(exportId)).status).toBe(404);
    });
  });

  it.each([
    ['the start', undefined, 0],
    ['a range', 'bytes=500-', 500],
  ])('cutAfterBytes: the connection breaks so many bytes after %s', async (_, range, start) => {
    await withDownload({ kind: 'cutAfterBytes', bytes: 1000 }, async (instance, exportId, whole) => {
      const { bytes, broken } = await received(await instance.file(exportId, range));
      expect(broken).toBe(true);
      expect(bytes.equals(whole.subarray(start, start + 1000))).toBe(true);
    });
  });

  it('shortCleanEnd: it ends as if it were whole', async () => {
    await withDownload({ kind: 'shortCleanEnd', bytes: 1000 }, async (instance, exportId, whole) => {
      const { bytes, broken } = await received(await instance.file(exportId));
      expect(broken).toBe(false);
      expect(bytes.equals(whole.subarray(0, 1000))).toBe(true);
    });
  });

  it('stallAfterBytes: nothing comes any more, and the connection stays', async () => {
    await withDownload({ kind: 'stallAfterBytes', bytes: 1000 }, async (instance, exportId, whole) => {
      const body = (await instance.file(exportId)).body as ReadableStream<Uint8Array> | null;
      const reader = body?.getReader();
      const chunks: Uint8Array[] = [];
      while (Buffer.concat(chunks).length < 1000) chunks.push((await reader?.read())?.value ?? new Uint8Array());
      expect(Buffer.concat(chunks).equals(whole.subarray(0, 1000))).toBe(true);
      const next = reader?.read().then(() => 'something');
      // Another whole download later, still nothing has come.
      const other = instance
        .file(exportId)
        .then((answer) => answer.arrayBuffer())
        .then(() => 'nothing');
      expect(await Promise.race([next, other])).toBe('nothing');
      await reader?.cancel();
    });
  });

  it('ignoreRange: the whole file in a 200', async () => {
    await withDownload({ kind: 'ignoreRange' }, async (instance, exportId, whole) => {
      const answer = await instance.file(exportId, 'bytes=1000-');
      expect(answer.status).toBe(200);
      expect(Buffer.from(await answer.arrayBuffer()).equals(whole)).toBe(true);
    });
  });

  it('wrongContentRange: another range than was asked for', async () => {
    await withDownload({ kind: 'wrongContentRange' }, async (instance, exportId, whole) => {
      const answer = await instance.file(exportId, 'bytes=1000-');
      expect(answer.headers.get('content-range')).toBe(`bytes 1001-${whole.length - 1}/${whole.length}`);
      await answer.body?.cancel();
    });
  });

  it('flipBit: one bit of one byte', async () => {
    await withDownload({ kind: 'flipBit', atByte: 777 }, async (instance, exportId, whole) => {
      const bytes = Buffer.from(await (await instance.file(exportId)).arrayBuffer());
      const wrong = Array.from(bytes.keys()).filter((index) => bytes[index] !== whole[index]);
      expect(wrong).toEqual([777]);
      expect((bytes[777] ?? 0) ^ (whole[777] ?? 0)).toBe(1);
    });
  });

  it('jsonInsteadOfFile: an error in a 200', async () => {
    await withDownload(
      { kind: 'jsonInsteadOfFile', code: '611', message: 'System error' },
      async (instance, exportId) => {
        const answer = await instance.file(exportId);
        expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json;charset=UTF-8']);
        expect(errorOf((await answer.json()) as Answer)).toBe('611 System error');
      },
    );
  });

  it('htmlInsteadOfFile: a page in a 200', async () => {
    await withDownload({ kind: 'htmlInsteadOfFile' }, async (instance, exportId) => {
      const answer = await instance.file(exportId);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html']);
    });
  });
});

describe('the control endpoint', () => {
  const control = (instance: Instance, path: string, init?: RequestInit): Promise<Response> =>
    fetch(`${instance.simulator.url}/simulator/${path}`, init);
  const post = (instance: Instance, path: string, body: unknown): Promise<Response> =>
    control(instance, path, { method: 'POST', body: JSON.stringify(body) });

  it('injects faults and clears them', async () => {
    await withInstance({}, async (instance) => {
      const fault = { endpoint: 'folders', effect: { kind: 'error', code: '611', message: 'System error' } };
      expect((await post(instance, 'faults', [fault])).status).toBe(200);
      expect(errorOf(await instance.get(FOLDERS))).toBe('611 System error');
      await control(instance, 'faults', { method: 'DELETE' });
      expect((await instance.get(FOLDERS)).success).toBe(true);
    });
  });

  it('says what it does not understand', async () => {
    await withInstance({}, async (instance) => {
      const answer = await post(instance, 'faults', [{ endpoint: 'nowhere' }]);
      expect([answer.status, await answer.text()]).toEqual([400, expect.stringMatching(/^endpoint must be/)]);
      expect((await control(instance, 'nothing')).status).toBe(404);
    });
  });

  it('lets time leap, and other integrations take places', async () => {
    await withInstance({}, async (instance) => {
      await post(instance, 'clock', { jumpSeconds: 3600 });
      await post(instance, 'queue', { foreign: 10 });
      expect(await (await control(instance, 'state')).json()).toMatchObject({ now: '2024-10-27T01:00:00Z' });
      expect(errorOf(await instance.enqueue(await instance.created()))).toBe('1029 Too many jobs (10) in queue');
    });
  });

  it('tells jobs and calls', async () => {
    await withInstance({}, async (instance) => {
      const exportId = await instance.completed();
      await (await instance.file(exportId, 'bytes=0-9')).arrayBuffer();
      expect(await (await control(instance, 'state')).json()).toMatchObject({
        jobs: [{ exportId, status: 'Completed', startAt: '2024-01-01T00:00:00Z', downloads: 1 }],
        calls: { 'create ok': 1, 'enqueue ok': 1, 'file ok': 1 },
        violations: [],
      });
      const calls = await (await control(instance, 'calls?since=3')).json();
      expect(calls).toEqual([
        {
          number: 3,
          at: expect.any(Number),
          endpoint: 'file',
          method: 'GET',
          exportId,
          range: 'bytes=0-9',
          outcome: 'ok',
        },
      ]);
    });
  });

  it('tells the ids and the output of a right extract', async () => {
    await withInstance({}, async (instance) => {
      const query = `startAt=2024-01-01T00:00:00Z&endAt=${new Date(FROM + 200 * DAY).toISOString()}`;
      const ids = (await (await control(instance, `ids?${query}`)).text()).trimEnd().split('\n');
      expect(new Set(ids).size).toBe(500);
      expect(ids).toHaveLength(500);
      const output = await (await control(instance, `expected?${query}&fields=email,id`)).text();
      const [header, ...rows] = output.trimEnd().split('\n');
      expect(header).toBe('id,email');
      expect(rows.map((row) => row.split(',')[0])).toEqual(ids);
    });
  });

  it('needs no token', async () => {
    await withInstance({}, async (instance) => {
      expect((await control(instance, 'state')).status).toBe(200);
    });
  });
});
