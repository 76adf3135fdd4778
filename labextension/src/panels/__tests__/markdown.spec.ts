import '../../testing/browser';
import { NBTestUtils } from '@jupyterlab/notebook/lib/testutils';
import { waitFor } from '@testing-library/dom';
import { markdownDrawer } from '../markdown';

it('a note is drawn by JupyterLab, and neither loads nor runs anything', async () => {
  const place = document.createElement('div');
  document.body.append(place);
  const text = [
    '**Good** run, see [it](https://example.org)',
    '',
    '- <img src="https://example.org/x.png" onerror="window.hacked = true">',
    '- <script>window.hacked = true</script><p style="position:fixed" class="jp-Dialog">over all</p>'
  ].join('\n');
  const remove = markdownDrawer(NBTestUtils.defaultRenderMime())(place, text);
  await waitFor(() => expect(place.textContent).toContain('Good'));
  expect(place.querySelector('img, script, [style*="fixed"], .jp-Dialog')).toBeNull();
  expect((window as unknown as { hacked?: boolean }).hacked).toBeUndefined();
  remove();
  expect(place.textContent).toBe('');
});

it('a note whose page is gone before it can be taken away', () => {
  const place = document.createElement('div');
  document.body.append(place);
  const remove = markdownDrawer(NBTestUtils.defaultRenderMime())(place, 'text');
  place.remove();
  expect(remove).not.toThrow();
});
