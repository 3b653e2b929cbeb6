import { init, use, type EChartsCoreOption } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([SVGRenderer]);

/** What the library adds for scripts that are not there; its ids count up from one chart to the next. */
const OF_NO_USE = /<style[^]*?<\/style>|\s(?:class|ecmeta_\w+)="[^"]*"/g;

/** Options of text and axes, to be spread into those of a chart. */
export interface ChartStyle {
  readonly font: object;
  readonly categoryAxis: object;
  readonly valueAxis: object;
}

/** Text and axes as all charts have them, in the colours of where they are shown. */
export function chartStyle(text: string, line: string): ChartStyle {
  const font = { color: text, fontSize: 12, fontFamily: 'sans-serif' };
  const axisLabel = { ...font, hideOverlap: true };
  return {
    font,
    categoryAxis: { axisLabel, axisLine: { lineStyle: { color: line } }, axisTick: { show: false } },
    valueAxis: { axisLabel, splitLine: { lineStyle: { color: line } } },
  };
}

/**
 * A chart as SVG text with a view box, so that it fits whatever box the page gives it. The kinds of charts and components that
 * it is made of must have been registered with the library.
 *
 * @param width CSS pixels, as is `height`
 */
export function drawSvg(width: number, height: number, option: EChartsCoreOption): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, useUTC: true, ...option });
    return chart.renderToSVGString().replace(OF_NO_USE, '');
  } finally {
    chart.dispose();
  }
}
