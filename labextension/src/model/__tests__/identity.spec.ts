import type { Kernel } from '@jupyterlab/services';
import { CELLS_KEY, NOTEBOOK_KEY, pathOnDisk, tellNotebook } from '../identity';

type Sent = Parameters<Kernel.IKernelConnection['requestExecute']>;

function aKernel(): { kernel: Kernel.IKernelConnection; sent: Sent[] } {
  const sent: Sent[] = [];
  const kernel = { requestExecute: (...request: Sent) => sent.push(request) };
  return { kernel: kernel as unknown as Kernel.IKernelConnection, sent };
}

describe('pathOnDisk', () => {
  it.each([
    ['/home/ada', 'study/a.ipynb', '/home/ada/study/a.ipynb'],
    ['/home/ada/', '/a.ipynb', '/home/ada/a.ipynb'],
    ['/', 'a.ipynb', '/a.ipynb'],
    ['C:\\Users\\ada', 'a b.ipynb', 'C:\\Users\\ada/a b.ipynb']
  ])('puts %s and %s together', (root, path, whole) => {
    expect(pathOnDisk(root, path)).toBe(whole);
  });
});

describe('tellNotebook', () => {
  it('adds the path and the cells of that moment to requests of cells only, once', () => {
    const { kernel, sent } = aKernel();
    let path: string | null = null;
    let cells = ['c1'];
    tellNotebook(
      kernel,
      () => path,
      () => cells
    );
    tellNotebook(
      kernel,
      () => 'second',
      () => []
    );
    kernel.requestExecute({ code: '1' }, true, { cellId: 'c1' });
    path = '/home/ada/a.ipynb';
    kernel.requestExecute({ code: '1' }, true, { cellId: 'c1', tags: ['experiment'] });
    path = '/home/ada/renamed.ipynb';
    cells = ['c2', 'c1'];
    kernel.requestExecute({ code: '1' }, false, { cellId: 'c1' });
    kernel.requestExecute({ code: 'silent', silent: true });
    expect(sent.map(([, , metadata]) => metadata)).toEqual([
      { cellId: 'c1' },
      { cellId: 'c1', tags: ['experiment'], [NOTEBOOK_KEY]: '/home/ada/a.ipynb', [CELLS_KEY]: ['c1'] },
      { cellId: 'c1', [NOTEBOOK_KEY]: '/home/ada/renamed.ipynb', [CELLS_KEY]: ['c2', 'c1'] },
      undefined
    ]);
    expect(sent.map(([, dispose]) => dispose)).toEqual([true, true, false, undefined]);
  });
});
