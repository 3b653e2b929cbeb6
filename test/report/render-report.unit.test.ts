import { describe, expect, it } from '@jest/globals';
import { columnsOf } from '../../src/contract/columns.js';
import fc from 'fast-check';
import { escapeHtml, html } from '../../src/report/html.js';
import { renderReport } from '../../src/report/render-report.js';
import { emptyWindow, manifestOf, windowOf, windowsOf } from './samples.js';

/** Rows of the table of windows. */
function rows(page: string): number {
  return (/<h2>Windows[^]*<tbody>([^]*)<\/tbody>/.exec(page)?.[1]?.match(/<tr>/g) ?? []).length;
}

describe('the report', () => {
  it('shows the run at a glance and each window', () => {
    const page = renderReport(manifestOf(windowsOf(3)));
    expect(page).toContain('Leads of 123-abc-456.mktorest.com');
    expect(page).toContain('<dd>3,003</dd>');
    expect(page).toContain('3,033 records are 3,003 leads and 30 duplicates');
    expect(page).toContain('<td>2016-08-01 → 2016-08-31</td>');
    expect(rows(page)).toBe(3);
  });

  it('begins with a plain sentence, which leaves out the time where clocks disagree', () => {
    expect(renderReport(manifestOf(windowsOf(1)))).toContain(
      '<p>Complete: 1,000 leads created from 2016-08-01 00:00 UTC to 2016-08-31 23:59 UTC. ' +
        'Published 2026-03-02 18:00 UTC, 3 h after the first job.</p>',
    );
    const early = renderReport(manifestOf(windowsOf(1), { publishedAt: '2026-03-02T15:00:00.000Z' }));
    expect(early).toContain('Published 2026-03-02 15:00 UTC.</p>');
    expect(early).not.toContain('From first job to output');
  });

  it('speaks of a line for the quota only where one is drawn', () => {
    const dashed = /stroke-dasharray/;
    const small = renderReport(manifestOf(windowsOf(1)));
    expect(small).toContain('the default quota is 500 MB a day');
    expect(small).not.toMatch(dashed);
    const large = renderReport(manifestOf([windowOf(0, { bytes: 400_000_000 })]));
    expect(large).toContain('the dashed line is the default quota of 500 MB a day');
    expect(large).toMatch(dashed);
  });

  it('tells times of a short run to the second, so that no label comes twice', () => {
    const [start, end] = ['2026-03-02T15:00:00Z', '2026-03-02T15:03:00Z'];
    const page = renderReport(
      manifestOf([windowOf(0, { queuedAt: start, startedAt: start, finishedAt: end, verifiedAt: end })]),
    );
    expect(page).toMatch(/>15:0[0-3]:\d\d</);
  });

  it('is the same page for the same manifest', () => {
    const manifest = manifestOf(windowsOf(3));
    expect(renderReport(manifest)).toBe(renderReport(manifest));
  });

  it('marks what an earlier run exported', () => {
    const page = renderReport(manifestOf([windowOf(0, { takenOver: true }), windowOf(1)]));
    expect(page).toContain('<td>2016-08-01 → 2016-08-31 *</td>');
    expect(page).toContain('<td>2016-09-01 → 2016-10-01</td>');
    expect(page).toContain('* Exported and verified by an earlier run');
  });

  it('tells warnings and lost creates', () => {
    const page = renderReport(manifestOf(windowsOf(1), { warnings: ['Left out: Shadow__c'], lostCreates: 2 }));
    expect(page).toContain('<li>Left out: Shadow__c</li>');
    expect(page).toContain('The answers to 2 creates of a job were lost');
    expect(renderReport(manifestOf(windowsOf(1)))).not.toContain('class="warnings"');
  });

  it('shows a manifest whose sums do not agree as wrong', () => {
    const right = manifestOf(windowsOf(2));
    expect(renderReport(right)).not.toContain('<li class="wrong">');
    expect(renderReport({ ...right, leads: right.leads + 1 })).toContain('<li class="wrong">');
  });

  it.each(['leads', 'duplicates'] as const)('shows one more of %s than there are as wrong', (name) => {
    const right = manifestOf(windowsOf(2));
    expect(renderReport({ ...right, [name]: right[name] + 1 })).toContain('<li class="wrong">');
  });

  it('counts leads that were deleted or merged away meanwhile among those left out', () => {
    const page = renderReport(manifestOf([windowOf(0, { leads: 997, gone: 3 }), windowOf(1)]));
    expect(page).not.toContain('<li class="wrong">');
    expect(page).toContain(
      '2,021 records are 1,998 leads, 20 duplicates and 3 of leads that were deleted or merged away meanwhile.',
    );
    expect(renderReport(manifestOf([windowOf(0, { leads: 997, gone: 4 })]))).toContain('<li class="wrong">');
  });

  it('adds up the leads of an update from those that were there and those that were exported', () => {
    const base = { workflowId: 'leads', runId: 'before', etag: '"etag"', endAt: '2026-03-01T00:00:00Z', leads: 5000 };
    const changes = { created: 600, updated: 400, gone: 7 };
    const update = manifestOf([windowOf(0)], { mode: 'update', base, changes, leads: 5593 });
    expect(renderReport(update)).not.toContain('<li class="wrong">');
    expect(renderReport(update)).toContain(
      '1,000 leads of this run and 4,593 of the 5,000 that were there are the 5,593 of the output: every id is in it once.',
    );
    expect(renderReport({ ...update, leads: 5594 })).toContain('<li class="wrong">');
  });

  it('says how many columns are of which type, and of Parquet how many values are not', () => {
    const columns = columnsOf(
      ['id', 'email', 'site', 'born'],
      [
        { name: 'id', dataType: 'integer' },
        { name: 'born', dataType: 'date' },
      ],
    );
    const text = (page: string): string => page.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
    const csv = text(renderReport(manifestOf(windowsOf(1), { columns })));
    expect(csv).toContain('Type Columns text 2 whole number 1 date 1 ');
    const parquet = manifestOf(windowsOf(1), { columns, format: 'parquet', uncast: { born: 7 } });
    expect(text(renderReport(parquet))).toContain('Values of another form text 2 0 whole number 1 0 date 1 7 ');
  });

  it('tells what a full run found of the output before, and where an update keeps its changes', () => {
    const reconciled = {
      ...{ leads: 5000, appeared: 3, disappeared: 40 },
      ...{ fieldsAdded: ['fresh'], fieldsRemoved: [], fieldsRetyped: ['born', 'score'] },
    };
    expect(renderReport(manifestOf(windowsOf(1), { reconciled }))).toContain(
      'Of its 5,000 leads 40 disappeared; 3 of its time appeared. Fields that are new: fresh. Fields of another type: born, score.',
    );
    const keptChanges = { csv: 's3://bucket/changes.csv', gone: 's3://bucket/gone.csv' };
    expect(renderReport(manifestOf(windowsOf(1), { keptChanges }))).toContain('<code>s3://bucket/changes.csv</code>');
  });

  it('says so when there are no leads', () => {
    const page = renderReport(manifestOf([emptyWindow(0), emptyWindow(1)]));
    expect(page).toContain('no window holds a lead');
    expect(page).toContain('No lead was created in this time.');
    expect(rows(page)).toBe(2);
  });

  it('has a row and bars for each of a thousand windows', () => {
    const page = renderReport(manifestOf(windowsOf(1000)));
    expect(rows(page)).toBe(1000);
    expect(page.match(/fill="var\(--processing\)"/g)).toHaveLength(2 * 1000);
    expect(page.length).toBeLessThan(4_000_000);
  });

  it('fetches nothing and runs nothing', () => {
    const page = renderReport(manifestOf(windowsOf(3)));
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(page).not.toMatch(/<script|<link|<img|<iframe|\bsrc=|@import|url\(|\bon[a-z]+=/i);
    expect(page.replaceAll(/http:\/\/www\.w3\.org\/[\w/]+/g, '')).not.toMatch(/https?:\/\//);
  });

  it('leaves no way out of the text that it is given', () => {
    const evil = `"'><script>alert(1)</script>&amp;`;
    const window = windowOf(0, { exportId: evil, sha256: evil });
    const page = renderReport(
      manifestOf([window], {
        workflowId: evil,
        instance: evil,
        destination: evil,
        warnings: [evil],
        columns: columnsOf([evil], []),
      }),
    );
    expect(page).not.toContain('<script');
    expect(page).not.toContain(`"'>`);
    expect(page).toContain('&#60;script&#62;alert(1)&#60;/script&#62;&#38;amp;');
  });
});

describe('the template of HTML', () => {
  it('leaves none of the characters that HTML acts upon', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const escaped = escapeHtml(text);
        expect(escaped).not.toMatch(/[<>"']|&(?!#\d+;)|[^\P{Cc}\n]/u);
        const back = escaped.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
        expect(back).toBe(text.replace(/[^\P{Cc}\n]/gu, ' '));
      }),
    );
  });

  it('takes HTML as it is, joins lists and leaves nothing of what is absent', () => {
    expect(html`<p>${[html`<b>${'<'}</b>`, 1, undefined, '&']}</p>`.text).toBe('<p><b>&#60;</b>1&#38;</p>');
  });
});
