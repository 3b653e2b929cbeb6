import { init, use, type EChartsCoreOption } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([SVGRenderer]);

/** What the library adds for scripts that are not there; its ids count up from one chart to the next. */
const OF_NO_USE = /<style[^]*?<\/style>|\s(?:class|ecmeta_\w+)="[^"]*"/g;

/**
 * A chart as SVG text with a view box, so that it fits whatever box the page gives it. The kinds
 * of charts and components that it is made of must have been registered with the library.
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
