import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, MarkLineComponent } from 'echarts/components';
import { use } from 'echarts/core';
import { drawSvg } from '../src/report/svg.js';
import type { Cell, Table } from './benchmark.js';
import { cellText, type Report } from './report.js';

use([BarChart, LineChart, GridComponent, LegendComponent, MarkLineComponent]);

const WIDTH = 760;

/** Readable on white and on black: pages are shown on either. */
const TEXT = '#7d8590';
const LINE = '#7d859055';
const COLOURS = ['#2f81f7', '#a371f7', '#d29922'];
const LIMIT = '#f85149';

const FONT = { color: TEXT, fontSize: 12, fontFamily: 'sans-serif' } as const;

/** The chart of each benchmark, from what it found; the same SVG for the same numbers. */
export const CHARTS: Readonly<Record<string, (report: Report) => string>> = {
  scanner: (report) => {
    const [row] = tableOf(report).rows;
    const names = ['scanner', 'csv-parse', 'Buffer.indexOf'];
    return bars(
      names,
      [{ name: 'MB/s', values: names.map((name) => cellOf(tableOf(report), row, name)) }],
      'MB/s (logarithmic)',
      { logarithmic: true },
    );
  },
  transfer: (report) => {
    const table = tableOf(report);
    return bars(textsOf(table, 'contender'), [{ name: 'MB/s', values: columnOf(table, 'MB/s') }], 'MB/s');
  },
  merge: (report) => {
    const table = tableOf(report);
    return bars(textsOf(table, 'contender'), [{ name: 'seconds', values: columnOf(table, 'seconds') }], 'seconds');
  },
  memory: (report) => {
    const table = tableOf(report);
    const series = ['idle', 'peak'].map((name) => ({ name, values: columnOf(table, name) }));
    return bars(textsOf(table, 'what it did'), series, 'MiB', { limit: 320 });
  },
  windows: (report) => {
    const table = tableOf(report);
    return drawSvg(WIDTH, 260, {
      grid: GRID,
      xAxis: { ...VALUE_AXIS, type: 'log', name: 'windows', nameLocation: 'middle', nameGap: 28, nameTextStyle: FONT },
      yAxis: { ...VALUE_AXIS, type: 'log', name: 'seconds', nameTextStyle: FONT },
      series: [
        {
          type: 'line',
          symbolSize: 8,
          itemStyle: { color: COLOURS[0] },
          label: {
            ...FONT,
            show: true,
            position: 'top',
            formatter: ({ value }: Labelled) => cellText(value[1] ?? null),
          },
          data: columnOf(table, 'windows').map((windows, index) => [windows, columnOf(table, 'seconds')[index]]),
        },
      ],
    });
  },
  'wall-clock': (report) => {
    const table = tableOf(report);
    const names = table.rows.map((row) => `${String(row[0])}, concurrency ${String(row[1])}`);
    const series = [
      { name: 'the run', values: columnOf(table, 'hours') },
      { name: 'the instance alone', values: columnOf(table, 'bound, hours') },
    ];
    return bars(names, series, 'hours');
  },
};

interface Labelled {
  readonly value: readonly Cell[];
}

interface Series {
  readonly name: string;
  readonly values: readonly number[];
}

const GRID = { left: 8, right: 56, top: 32, bottom: 8, outerBoundsMode: 'same' } as const;
const VALUE_AXIS = { axisLabel: { ...FONT, hideOverlap: true }, splitLine: { lineStyle: { color: LINE } } } as const;

/** Lying bars, the first on top, each with its number. */
function bars(
  names: readonly string[],
  series: readonly Series[],
  unit: string,
  { limit, logarithmic = false }: { readonly limit?: number; readonly logarithmic?: boolean } = {},
): string {
  return drawSvg(WIDTH, 72 + names.length * (16 + 22 * series.length), {
    grid: { ...GRID, bottom: 24 },
    ...(series.length > 1 && { legend: { top: 0, right: 56, itemHeight: 12, textStyle: FONT } }),
    xAxis: {
      ...VALUE_AXIS,
      type: logarithmic ? 'log' : 'value',
      name: unit,
      nameLocation: 'middle',
      nameGap: 28,
      nameTextStyle: FONT,
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: names,
      axisLabel: { ...FONT, width: 250, overflow: 'break' },
      axisLine: { lineStyle: { color: LINE } },
      axisTick: { show: false },
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

function tableOf({ benchmark, tables }: Report): Table {
  if (!tables[0]) throw new Error(`${benchmark} has no table`);
  return tables[0];
}

function cellOf({ columns }: Table, row: readonly Cell[] | undefined, column: string): number {
  const cell = row?.[columns.indexOf(column)];
  if (typeof cell !== 'number') throw new Error(`There is no number in column ${column}`);
  return cell;
}

function columnOf(table: Table, column: string): number[] {
  return table.rows.map((row) => cellOf(table, row, column));
}

function textsOf({ columns, rows }: Table, column: string): string[] {
  return rows.map((row) => String(row[columns.indexOf(column)]));
}
