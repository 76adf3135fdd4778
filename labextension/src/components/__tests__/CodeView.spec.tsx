import { fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import { aDiff, HOSTILE, trans } from '../../testing/pages';
import { CodeView, DiffView, foldLines } from '../CodeView';

const same = (count: number): string =>
  Array.from({ length: count }, (_, index) => ` line ${index}`).join('\n');

describe('CodeView', () => {
  it('numbers the lines beside the text', () => {
    const { container } = render(<CodeView source={'a = 1\n\nb = 2'} label="Code of the run" />);
    const [numbers, text] = container.querySelectorAll('pre');
    expect(numbers.textContent).toBe('1\n2\n3');
    expect(text.textContent).toBe('a = 1\n\nb = 2');
    expect(screen.getByRole('group', { name: 'Code of the run' }).tabIndex).toBe(0);
  });

  it('shows markup in the code as code', () => {
    const { container } = render(<CodeView source={HOSTILE} label="Code" />);
    expect(container.querySelector('img')).toBeNull();
    expect(container.textContent).toContain('<img src=x');
  });
});

describe('characters that cannot be seen', () => {
  const TROJAN = "if access != 'user\u202e \u2066# Check if admin\u2069 \u2066':\r\n\tgrant()";
  const marks = (): string[] => screen.queryAllByRole('img').map(mark => mark.title);

  it('are shown by their codes, and are still there to be copied', () => {
    const { container } = render(<CodeView source={TROJAN} label="Code" />);
    expect(marks()).toEqual(['U+202E', 'U+2066', 'U+2069', 'U+2066']);
    expect(screen.getAllByRole('img', { name: 'U+2066' })).toHaveLength(2);
    expect(container.querySelector('.bioml-CodeText')?.textContent).toBe(TROJAN);
  });

  it('stand apart from the text around them', () => {
    const { container } = render(<CodeView source={'a\u202eb'} label="Code" />);
    const [, text] = container.querySelectorAll('pre');
    const raw = Array.from(text.childNodes).filter(node => node.nodeType === Node.TEXT_NODE);
    expect(raw.map(node => node.textContent)).toEqual(['a', 'b']);
    expect(text.querySelector('.bioml-Invisible > span')?.textContent).toBe('\u202e');
  });

  it('are shown in diffs too', () => {
    render(<DiffView lines={aDiff('-a\u200b = 1\n+a = 1')} label="Changes" trans={trans} />);
    expect(screen.getByTitle('U+200B').closest('tr')?.textContent).toBe('1−a\u200b = 1');
  });
});

describe('foldLines', () => {
  const kinds = (text: string): string[] =>
    foldLines(aDiff(text)).map(piece => `${piece.kind} ${piece.lines.length}`);

  it('leaves short stretches open', () => {
    expect(kinds(`${same(8)}\n+new`)).toEqual(['lines 9']);
  });

  it('folds long ones, with context around each change', () => {
    expect(kinds(`${same(20)}\n+new\n${same(20)}\n-old\n${same(20)}`)).toEqual([
      'fold 17',
      'lines 4',
      'lines 3',
      'fold 14',
      'lines 4',
      'lines 3',
      'fold 17'
    ]);
  });

  it('loses no line', () => {
    const lines = aDiff(`${same(20)}\n+new\n${same(3)}\n-old\n${same(50)}`);
    expect(foldLines(lines).flatMap(piece => piece.lines)).toEqual(lines);
  });
});

describe('DiffView', () => {
  it('shows signs in words too, and both line numbers', () => {
    render(<DiffView lines={aDiff('-depth = 3\n+depth = 5\n fit()')} label="Changes" trans={trans} />);
    const rows = screen.getAllByRole('row').map(row => Array.from(row.children, cell => cell.textContent));
    expect(rows).toEqual([
      ['1', '', '−', 'depth = 3'],
      ['', '1', '+', 'depth = 5'],
      ['2', '2', '', 'fit()']
    ]);
    expect(screen.getByRole('img', { name: 'removed' }).textContent).toBe('−');
    expect(screen.getByRole('img', { name: 'added' }).textContent).toBe('+');
  });

  it('opens a fold', () => {
    render(<DiffView lines={aDiff(`${same(20)}\n+new`)} label="Changes" trans={trans} />);
    expect(screen.queryByText('line 0')).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: /17 lines are the same/ }));
    expect(screen.getByText('line 0').textContent).toBe('line 0');
    expect(screen.getAllByRole('row')).toHaveLength(21);
  });

  it('says when nothing changed', () => {
    const { container } = render(<DiffView lines={aDiff(same(3))} label="Changes" trans={trans} />);
    expect(container.textContent).toBe('The code is the same.');
  });
});
