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
