import { chartFileName, svgText } from '../chartfile';

it('a chart as a file stands alone: with its size, its background and its legend', () => {
  document.body.innerHTML =
    '<div style="background-color: rgb(1, 2, 3)"><svg width="100" height="50" class="x"><path d="M0,0"/></svg></div>';
  const chart = document.querySelector('svg') as SVGSVGElement;
  const legend = [
    { label: 'tree & <b>', stroke: 'red', dashes: '7 3' },
    { label: 'site', stroke: 'blue', mark: null }
  ];
  const text = svgText(chart, { title: 'auc against depth', legend, picture: 'data:image/png;base64,AA==' });
  expect(text).toContain('xmlns="http://www.w3.org/2000/svg"');
  expect(text).toContain('viewBox="0 0 100 104"');
  expect(text).toContain('fill="rgb(1, 2, 3)"');
  expect(text).toContain('tree &amp; &lt;b&gt;');
  expect(text).toContain('stroke-dasharray="7 3"');
  expect(text).toContain('<image x="0" y="0" width="100" height="50" href="data:image/png;base64,AA=="');
  expect(text).toContain('auc against depth');
  expect(text).toContain('<circle cx="21" cy="95" r="5" fill="blue"');
  expect(text).not.toContain('class=');
  expect(chart.getAttribute('class')).toBe('x');
});

it.each([
  ['auc', 'auc.svg'],
  ['auc against clf.depth', 'auc-against-clf.depth.svg'],
  ['../\0<x>', '..-x.svg'],
  ['???', 'chart.svg']
])('the chart %p is saved as %p', (title, name) => expect(chartFileName(title, 'svg')).toBe(name));
