import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, MarkLineComponent } from 'echarts/components';
import { use } from 'echarts/core';
import { chartStyle, drawSvg } from '../src/report/svg.js';
import type { Gate, Table } from './benchmark.js';
import { cellText, type Report } from './report.js';

use([BarChart, LineChart, GridComponent, LegendComponent, MarkLineComponent]);

const WIDTH = 760;

/** Readable on white and on black: pages are shown on either. */
const TEXT = '#7d8590';
const LINE = '#7d859055';
const COLOURS = ['#2f81f7', '#a371f7'];
const LIMIT = '#f85149';

const { font: FONT, categoryAxis: CATEGORY_AXIS, valueAxis: VALUE_AXIS } = chartStyle(TEXT, LINE);

/** How the first table of each benchmark is drawn. */
const CHARTS: Readonly<Record<string, (table: Table, gates: readonly Gate[]) => string>> = {
  scanner: (table) => {
    const names = ['scanner', 'csv-parse', 'Buffer.indexOf'];
    const values = names.map((name) => columnOf(table, name)[0] ?? NaN);
    return bars(names, [{ name: 'MB/s', values }], 'MB/s (logarithmic)', { logarithmic: true });
  },
  transfer: (table) => bars(textsOf(table, 'contender'), [{ name: 'MB/s', values: columnOf(table, 'MB/s') }], 'MB/s'),
  merge: (table) =>
    bars(textsOf(table, 'contender'), [{ name: 'seconds', values: columnOf(table, 'seconds') }], 'seconds'),
  memory: (table, gates) => {
    const series = ['idle', 'peak'].map((name) => ({ name, values: columnOf(table, name) }));
    return bars(textsOf(table, 'what it did'), series, 'MiB', {
      limit: gates.find(({ what }) => what.startsWith('MiB in all'))?.limit,
    });
  },
  windows: (table) => {
    const concurrencies = columnOf(table, 'concurrency');
    const most = Math.max(...concurrencies);
    const seconds = columnOf(table, 'seconds');
    const points = columnOf(table, 'windows')
      .map((windows, row) => [windows, seconds[row] ?? NaN])
      .filter((_, row) => concurrencies[row] === most);
    return line(points, 'windows', 'seconds');
  },
  'wall-clock': (table) => {
    const names = table.rows.map(
      ([instance, concurrency]) => `${String(instance)}, concurrency ${String(concurrency)}`,
    );
    const series = [
      { name: 'the run', values: columnOf(table, 'hours') },
      { name: 'the instance alone', values: columnOf(table, 'bound, hours') },
    ];
    return bars(names, series, 'hours');
  },
};

/** Benchmarks that have a chart. */
export const CHARTED: readonly string[] = Object.keys(CHARTS);

/** The chart of what a benchmark found; the same SVG for the same numbers. @throws Error if it has none */
export function chartOf({ benchmark, tables, gates }: Report): string {
  const draw = CHARTS[benchmark];
  if (!draw || !tables[0]) throw new Error(`${benchmark} has no chart`);
  // Ids count up with each chart that a process draws, for charts that share a page: these are files of their own.
  return draw(tables[0], gates).replace(/\bzr\d+-/g, '');
}

interface Series {
  readonly name: string;
  readonly values: readonly number[];
}

/** Room around what is drawn, fixed: without a browser the library guesses the width of text, and guesses too little. */
const GRID = { left: 56, right: 56, top: 32, bottom: 44, outerBoundsMode: 'none' } as const;
const NAMES_PIXELS = 248;
/** How the name of a horizontal axis stands below it. */
const NAME_BELOW = { nameLocation: 'middle', nameGap: 28, nameTextStyle: FONT } as const;

/** A line through points, both axes logarithmic. */
function line(points: readonly (readonly number[])[], x: string, y: string): string {
  return drawSvg(WIDTH, 260, {
    grid: GRID,
    xAxis: { ...VALUE_AXIS, type: 'log', name: x, ...NAME_BELOW },
    yAxis: { ...VALUE_AXIS, type: 'log', name: y, nameTextStyle: FONT },
    series: [
      {
        type: 'line',
        symbolSize: 8,
        itemStyle: { color: COLOURS[0] },
        label: { ...FONT, show: true, position: 'top', formatter: ({ value }: Labelled) => cellText(value[1] ?? null) },
        data: points,
      },
    ],
  });
}

interface Labelled {
  readonly value: readonly number[];
}

/** Lying bars, the first on top, each with its number. */
function bars(
  names: readonly string[],
  series: readonly Series[],
  unit: string,
  { limit, logarithmic = false }: { readonly limit?: number | undefined; readonly logarithmic?: boolean } = {},
): string {
  const top = series.length > 1 ? 32 : 8;
  return drawSvg(WIDTH, top + GRID.bottom + names.length * (16 + 22 * series.length), {
    grid: { ...GRID, left: NAMES_PIXELS + 12, top },
    ...(series.length > 1 && { legend: { top: 0, right: 56, itemHeight: 12, textStyle: FONT } }),
    xAxis: {
      ...VALUE_AXIS,
      type: logarithmic ? 'log' : 'value',
      name: unit,
      ...NAME_BELOW,
      // The axis goes beyond the limit, else its line would not be seen.
      ...(limit !== undefined && {
        max: ({ max }: { max: number }) => 50 * Math.ceil((Math.max(max, limit) + 1) / 50),
      }),
    },
    yAxis: {
      ...CATEGORY_AXIS,
      type: 'category',
      inverse: true,
      data: names,
      axisLabel: { ...FONT, width: NAMES_PIXELS, overflow: 'break' },
    },
    series: series.map(({ name, values }, index) => ({
      type: 'bar',
      name,
      data: values,
      barMaxWidth: 18,
      itemStyle: { color: COLOURS[index] },
      label: { ...FONT, show: true, position: 'right', formatter: ({ value }: { value: number }) => cellText(value) },
      ...(limit !== undefined &&
        index === 0 && {
          markLine: {
            silent: true,
            symbol: 'none',
            lineStyle: { color: LIMIT, type: 'dashed' },
            label: { ...FONT, formatter: String(limit) },
            data: [{ xAxis: limit }],
          },
        }),
    })),
  });
}

/** The numbers of a column. @throws Error if there is none, or something else in it */
function columnOf({ columns, rows }: Table, column: string): number[] {
  return rows.map((row) => {
    const cell = row[columns.indexOf(column)];
    if (typeof cell !== 'number') throw new Error(`There is no number in column ${column}`);
    return cell;
  });
}

function textsOf({ columns, rows }: Table, column: string): string[] {
  return rows.map((row) => String(row[columns.indexOf(column)]));
}
