import { chartFileName, svgText } from '../chartfile';

it('a chart as a file stands alone: with its size, its background and its legend', () => {
  document.body.innerHTML =
    '<div style="background-color: rgb(1, 2, 3)"><svg width="100" height="50" class="x"><path d="M0,0"/></svg></div>';
  const chart = document.querySelector('svg') as SVGSVGElement;
  const text = svgText(chart, [{ label: 'tree & <b>', stroke: 'red', dashes: '7 3' }]);
  expect(text).toContain('xmlns="http://www.w3.org/2000/svg"');
  expect(text).toContain('viewBox="0 0 100 68"');
  expect(text).toContain('fill="rgb(1, 2, 3)"');
  expect(text).toContain('tree &amp; &lt;b&gt;');
  expect(text).toContain('stroke-dasharray="7 3"');
  expect(text).not.toContain('class=');
  expect(chart.getAttribute('class')).toBe('x');
});

it.each([
  ['auc', 'auc.svg'],
  ['auc against clf.depth', 'auc-against-clf.depth.svg'],
  ['../\0<x>', '..-x.svg'],
  ['???', 'chart.svg']
])('the chart %p is saved as %p', (title, name) => expect(chartFileName(title, 'svg')).toBe(name));
