import { BarChart, CustomChart } from 'echarts/charts';
import { GridComponent, MarkLineComponent } from 'echarts/components';
import { use, type EChartsCoreOption } from 'echarts/core';
import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemReturn } from 'echarts';
import { DAILY_EXPORT_QUOTA_BYTES, DAY_MILLISECONDS } from '../contract/limits.js';
import type { ManifestWindow } from '../contract/manifest.js';
import { quotaDays, showsQuota, spansOf, type Span } from './facts.js';
import { count, size } from '../text/format.js';
import { Html } from './html.js';
import { chartStyle, drawSvg } from './svg.js';

use([BarChart, CustomChart, GridComponent, MarkLineComponent]);

/** Colours are variables of the page's style sheet, which knows the reader's scheme. */
const TEXT = 'var(--quiet)';
const LINE = 'var(--line)';
const STAGES: readonly Span['stage'][] = ['queue', 'processing', 'transfer'];

/** Half of the last label of a category axis stands to the right of its bar. */
const GRID = { left: 8, right: 32, top: 12, bottom: 8, outerBoundsMode: 'same' };

/** Room for the times above the timeline. */
const TIME_AXIS_PIXELS = 28;

const { font: FONT, categoryAxis: CATEGORY_AXIS, valueAxis: VALUE_AXIS } = chartStyle(TEXT, LINE);

/** Leads in the output by window, each shown under the month that it starts in. */
export function leadsChart(windows: readonly ManifestWindow[], width: number): Html {
  return draw(width, 240, {
    grid: GRID,
    xAxis: { ...CATEGORY_AXIS, type: 'category', data: windows.map(({ startAt }) => startAt.slice(0, 7)) },
    yAxis: { ...VALUE_AXIS, type: 'value', minInterval: 1, axisLabel: { ...FONT, formatter: count } },
    series: [{ ...BARS, data: windows.map(({ leads }) => leads) }],
  });
}

/** Bytes exported by Central day, with a line for the default quota where that is near. */
export function quotaChart(windows: readonly ManifestWindow[], width: number): Html {
  const days = quotaDays(windows);
  const withQuota = showsQuota(days);
  return draw(width, 220, {
    grid: GRID,
    xAxis: { ...CATEGORY_AXIS, type: 'category', data: days.map(({ day }) => day) },
    yAxis: {
      ...VALUE_AXIS,
      type: 'value',
      // `null` leaves the choice to the library.
      max: ({ max }: { max: number }) =>
        withQuota && max < DAILY_EXPORT_QUOTA_BYTES ? DAILY_EXPORT_QUOTA_BYTES : null,
      axisLabel: { ...FONT, formatter: size },
    },
    series: [
      {
        ...BARS,
        data: days.map(({ bytes }) => bytes),
        markLine: {
          silent: true,
          symbol: 'none',
          lineStyle: { color: 'var(--warn)', type: 'dashed' },
          label: { show: false },
          data: withQuota ? [{ yAxis: DAILY_EXPORT_QUOTA_BYTES }] : [],
        },
      },
    ],
  });
}

/** When each window waited in Marketo's queue, was processed and was transferred: a row each, the oldest on top. */
export function timelineChart(windows: readonly ManifestWindow[], width: number): Html {
  const rowPixels = Math.max(2, Math.min(18, Math.floor(640 / Math.max(windows.length, 1))));
  const spans = windows.flatMap((window, row) => spansOf(window).map((span) => ({ ...span, row })));
  const first = spans.reduce((least, { from }) => Math.min(least, from), Infinity);
  const last = spans.reduce((most, { to }) => Math.max(most, to), -Infinity);
  return draw(width, windows.length * rowPixels + TIME_AXIS_PIXELS + 8, {
    grid: { left: 64, right: 32, top: TIME_AXIS_PIXELS, bottom: 8, outerBoundsMode: 'none' },
    xAxis: {
      ...VALUE_AXIS,
      type: 'time',
      position: 'top',
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: {
        ...FONT,
        hideOverlap: true,
        formatter: timeFormat(last - first),
      },
      splitNumber: width < 500 ? 2 : 6,
    },
    yAxis: {
      ...CATEGORY_AXIS,
      type: 'category',
      inverse: true,
      data: windows.map(({ startAt }) => startAt.slice(0, 7)),
    },
    series: STAGES.map((stage) => ({
      type: 'custom',
      silent: true,
      encode: { x: [1, 2], y: 0 },
      data: spans.filter((span) => span.stage === stage).map(({ row, from, to }) => [row, from, to]),
      renderItem: (_: unknown, api: CustomSeriesRenderItemAPI) => bar(api, rowPixels, `var(--${stage})`),
    })),
  });
}

/** Fine enough that neighbouring labels differ. */
function timeFormat(milliseconds: number): string {
  if (milliseconds < 10 * 60_000) return '{HH}:{mm}:{ss}';
  return milliseconds < DAY_MILLISECONDS ? '{HH}:{mm}' : '{MM}-{dd} {HH}:{mm}';
}

const BARS = { type: 'bar', silent: true, barMaxWidth: 48, itemStyle: { color: 'var(--accent)' } } as const;

function bar(api: CustomSeriesRenderItemAPI, rowPixels: number, fill: string): CustomSeriesRenderItemReturn {
  const [left = 0, middle = 0] = api.coord([api.value(1), api.value(0)]);
  const [right = 0] = api.coord([api.value(2), api.value(0)]);
  const height = rowPixels - (rowPixels > 8 ? 4 : 1);
  return {
    type: 'rect',
    // What took no time to speak of is still there to be seen.
    shape: { x: left, y: middle - height / 2, width: Math.max(1, right - left), height },
    style: { fill },
  };
}

function draw(width: number, height: number, option: EChartsCoreOption): Html {
  return new Html(drawSvg(width, height, option));
}
