import { describe, expect, it } from '@jest/globals';
import { renderPage, type Page } from '../../src/page/layout.js';
import { listPage } from '../../src/page/list-page.js';
import { runPage } from '../../src/page/run-page.js';
import type { RunView } from '../../src/page/source.js';
import { progress } from '../cli/samples.js';
import { endedView, NOW, openView, overview, VIEWS } from './samples.js';

const COMMAND = 'marketo-lead-extract';

function shown(page: Page): string {
  return textOf(renderPage(page, NOW));
}

function runText(view: RunView, hasReports = true): string {
  return shown(runPage(view, { command: COMMAND, hasReports, now: NOW }));
}

function listText(views: readonly RunView[]): string {
  return shown(listPage(overview(views), COMMAND, NOW));
}

/** What is to be read, on one line. */
function textOf(html: string): string {
  return html
    .replace(/<(style|script|title)>[^]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/\s+/g, ' ');
}

describe('the page of a run', () => {
  it('begins with what the run does, then figures and each open window with its wait and next try', () => {
    const text = runText(VIEWS.running);
    expect(text).toMatch(/s3:\/\/bucket\/leads\.csv Exporting\. 2 of 6 windows done, about 2 d left\./);
    expect(text).toContain('Windows left 4');
    expect(text).toContain('At once 2 jobs');
    expect(text).toContain(
      '2024-01-01 → 2024-01-31 next try in 1 min 42 s · The export job is queued in Marketo · for 5 min · attempt 3',
    );
    expect(text).toContain('2024-02-01 → 2024-03-02 transferring · 120,000 records · 30 MB of 80 MB');
    expect(text).toContain('Warnings The instance no longer has the field Shadow__c: left out.');
    expect(text).toContain(`${COMMAND} pause --workflow-id extract-leads/bucket/leads.csv`);
  });

  it('tells a wait once, in Central and UTC whatever the zone of the machine, and reads out no countdown', () => {
    const page = runPage(VIEWS.quota, { command: COMMAND, hasReports: false, now: NOW });
    const wait = "Waiting for Marketo's daily export quota. Goes on";
    expect(shown(page)).toContain(`${wait} at 00:02 Central (05:02 UTC), in 17 h 2 min.`);
    expect(shown(page)).toContain('2024-01-01 → 2024-01-31 exporting');
    expect(page.said).toBe(`${wait} 2 July at 00:02 Central (05:02 UTC). 2 of 6 windows done.`);
  });

  it('tells a pause, and how to let it go on', () => {
    const text = runText(VIEWS.paused);
    expect(text).toContain('Paused: no new window starts until resume . 2 of 6 windows done.');
    expect(text).toContain(`${COMMAND} resume --workflow-id`);
    expect(text).not.toContain(`${COMMAND} pause`);
  });

  it('tells what failed, and how to try it again', () => {
    const text = runText(VIEWS.stuck);
    expect(text).toContain('Waiting for you to retry what failed, or to cancel. 1 window failed so far.');
    expect(text).toContain('2024-02-01 → 2024-03-02 failed · 9 records were counted, Marketo told 10');
    expect(text).toContain(`${COMMAND} retry-window 2024-02-01T00:00:00Z --workflow-id`);
  });

  it('says why nothing is known', () => {
    const text = runText(VIEWS.unknown);
    expect(text).toContain('Where this run stands is not known just now.');
    expect(text).toContain('No worker polls the task queue marketo-lead-extract.');
  });

  it('of a completed run has its result, how to fetch it, and does not refresh any more', () => {
    const page = runPage(VIEWS.completed, { command: COMMAND, hasReports: true, now: NOW });
    const text = shown(page);
    expect(text).toContain('Done: 1,234,500 leads in s3://bucket/leads.csv (812 MB)');
    expect(text).toContain('Leads 1,234,500 Duplicates left out 67');
    expect(text).toContain('report s3://bucket/_leads.csv/report.html');
    expect(text).toContain(`${COMMAND} download --destination s3://bucket/leads.csv`);
    expect(text).toContain('See the report');
    expect(text).toContain('Took 1 h 35 min');
    expect(page.refreshSeconds).toBe(0);
    expect(runText(VIEWS.completed, false)).not.toContain('See the report');
  });

  it('of a failed run has its failure, the remedy and the windows', () => {
    const text = runText(VIEWS.failed);
    expect(text).toContain('The run failed: WindowsFailed');
    expect(text).toContain('What to do: See what each window says.');
    expect(text).toContain('failed · 9 records were counted, Marketo told 10');
    expect(text).toContain(`${COMMAND} discard --destination s3://bucket/leads.csv`);
  });

  it('of a cancelled run says what is kept', () => {
    expect(runText(VIEWS.cancelled)).toContain('The run was cancelled. What is verified is kept for 60 days');
  });

  it.each(Object.entries(VIEWS))('has one first heading, and a name for each region: %s', (_, view) => {
    const html = renderPage(runPage(view, { command: COMMAND, hasReports: true, now: NOW }), NOW);
    expect(html.match(/<h1/g)).toHaveLength(1);
    expect(html).toContain('<main id="main">');
    for (const [, attributes = ''] of html.matchAll(/<table ([^>]*)>/g)) expect(attributes).toContain('aria-label=');
    expect(html).not.toMatch(/undefined|NaN|\[object/);
  });

  it('takes nothing for markup, wherever it comes from', () => {
    const evil = `"><script>alert(1)</script>'<img src=x onerror=alert(1)>`;
    const current = [{ ...progress().current[0], state: 'failed', reason: evil }] as ReturnType<
      typeof progress
    >['current'];
    const warnings = [evil];
    const failed = { status: 'failed', type: evil, message: evil, remedy: evil } as const;
    const change = { progress: progress({ destination: `s3://bucket/${evil}`, warnings, current }), trouble: evil };
    for (const view of [openView({ ...change, taskQueue: evil }), endedView(failed, change)]) {
      const run = { ...view.run, workflowId: evil, destination: evil };
      const pages = [
        runPage({ ...view, run, webUi: evil }, { command: evil, hasReports: true, now: NOW }),
        listPage({ ...overview([{ ...view, run }]), webUi: evil }, evil, NOW),
        listPage({ runs: [], address: evil }, evil, NOW),
      ];
      for (const page of pages) {
        const html = renderPage(page, NOW);
        expect(html).not.toContain('<script>alert');
        expect(html).not.toContain('<img');
        expect(html).toContain('&#60;script&#62;alert(1)');
      }
    }
  });
});

describe('the list', () => {
  it('begins with what the one open run does', () => {
    const text = listText([VIEWS.quota, VIEWS.completed]);
    expect(text).toContain("Waiting for Marketo's daily export quota. Goes on at 00:02 Central");
    expect(text).toContain('s3://bucket/leads.csv 2 of 6 windows · 1,234,567 records · 812 MB exported');
  });

  it('counts the open runs where there are more, each with what it does', () => {
    const text = listText([VIEWS.quota, VIEWS.paused, VIEWS.failed]);
    expect(text).toContain('2 runs are open. Now ');
    expect(text).toContain("Waiting for Marketo's daily export quota.");
    expect(text).toContain('Paused: no new window starts');
  });

  it('says how the latest ended where none is open, and has how each stands, its leads and its time', () => {
    const text = listText([VIEWS.completed, VIEWS.failed, VIEWS.cancelled]);
    expect(text).toContain('No run is open. The latest completed with 1,234,500 leads, 2024-07-01 11:30 UTC.');
    expect(text).toContain('s3://bucket/leads.csv completed 1,234,500 2024-07-01 09:55 UTC 1 h 35 min');
    expect(text).toContain('s3://bucket/leads.csv failed – 2024-07-01 09:55 UTC 1 h 35 min');
    expect(listText([VIEWS.failed])).toContain('The latest ended as failed,');
  });

  it('says how to start one where there is none', () => {
    const text = listText([]);
    expect(text).toContain('No run is known to Temporal at 127.0.0.1:7233. Start one:');
    expect(text).toContain(`${COMMAND} start --destination s3://bucket/leads.csv`);
  });
});
