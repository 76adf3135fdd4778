import { act, fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import { ApiError } from '../../api/request';
import { HOSTILE, trans } from '../../testing/pages';
import { CopyButton } from '../CopyButton';
import { Figure, Moment, Name } from '../Figure';
import { Empty, Lazy, Problem } from '../Notice';
import { StateSign } from '../RunState';
import { Tabs } from '../Tabs';

let written: string[];
let allowed: boolean;

beforeEach(() => {
  written = [];
  allowed = true;
  Object.defineProperty(navigator, 'clipboard', {
    configurable: true,
    value: {
      writeText: async (text: string) => {
        if (!allowed) {
          throw new Error('denied');
        }
        written.push(text);
      }
    }
  });
});

const press = async (element: HTMLElement): Promise<void> => {
  await act(async () => {
    fireEvent.click(element);
  });
};

describe('Figure', () => {
  it('is short to read and copied in full', async () => {
    render(<Figure value={0.993123456789} trans={trans} />);
    const button = screen.getByRole('button');
    expect(button.textContent).toBe('0.9931');
    expect(button.title).toContain('0.993123456789');
    await press(button);
    expect(written).toEqual(['0.993123456789']);
    expect(screen.getByRole('status').textContent).toBe('Copied');
  });

  it('says when the browser refuses', async () => {
    allowed = false;
    render(<Figure value={1} trans={trans} />);
    await press(screen.getByRole('button'));
    expect(screen.getByRole('status').textContent).toContain('Not copied');
  });

  it('falls silent again', async () => {
    jest.useFakeTimers();
    try {
      render(<Figure value={1} trans={trans} />);
      await press(screen.getByRole('button'));
      act(() => void jest.advanceTimersByTime(2000));
      expect(screen.getByRole('status').textContent).toBe('');
    } finally {
      jest.useRealTimers();
    }
  });

  it('shows what is absent as absent, with nothing to copy', () => {
    const { container } = render(<Figure value={null} trans={trans} />);
    expect(container.textContent).toBe('–');
    expect(screen.queryByRole('button')).toBeNull();
  });

  it('has the unit in its title', () => {
    render(<Figure value={412_000_000} text="412 MB" unit="B" trans={trans} />);
    expect(screen.getByRole('button').textContent).toBe('412 MB');
    expect(screen.getByRole('button').title).toContain('412000000 B');
  });

  it.each([
    [NaN, 'NaN'],
    [-Infinity, '−∞'],
    [true, 'True'],
    [-0.5, '−0.5']
  ])('shows %p as %s', (value, text) => {
    render(<Figure value={value} trans={trans} />);
    expect(screen.getByRole('button').textContent).toBe(text);
  });

  it('shows hostile text as text and copies it as it was', async () => {
    const { container } = render(<Figure value={HOSTILE} trans={trans} />);
    expect(container.querySelector('img')).toBeNull();
    expect(container.textContent).toContain('<img src=x');
    expect(container.textContent).not.toContain('\u202e');
    expect(screen.getByRole('button').title.length).toBeLessThan(600);
    await press(screen.getByRole('button'));
    expect(written).toEqual([HOSTILE]);
  });

  it('a click does nothing else', async () => {
    let opened = 0;
    render(
      <div onClick={() => opened++}>
        <Figure value={1} trans={trans} />
      </div>
    );
    await press(screen.getByRole('button'));
    expect(opened).toBe(0);
  });
});

it('a name cannot move or forge its surroundings', () => {
  const { container } = render(<Name text={HOSTILE} />);
  const name = container.querySelector('bdi');
  expect(name?.textContent).not.toMatch(/[\u202e\0]/);
  expect(name?.textContent?.length).toBeLessThan(500);
  expect(container.querySelector('img')).toBeNull();
});

it('a moment is relative, exact in its title', () => {
  const { container } = render(<Moment at={1_795_270_000} now={1_795_270_300} trans={trans} />);
  expect(container.textContent).toBe('5 min ago');
  expect(container.querySelector('span')?.title).toMatch(/^2026-11-21 /);
});

describe('CopyButton', () => {
  it('has a name where it has only a sign', async () => {
    render(<CopyButton text="abc" label="Copy the id" trans={trans} />);
    await press(screen.getByRole('button', { name: 'Copy the id' }));
    expect(written).toEqual(['abc']);
  });

  it('makes a costly text only when it is asked', async () => {
    let made = 0;
    render(
      <CopyButton text={() => `${++made}`} label="Everything" trans={trans}>
        Copy
      </CopyButton>
    );
    expect(made).toBe(0);
    await press(screen.getByRole('button', { name: 'Copy' }));
    expect(written).toEqual(['1']);
  });
});

it.each([
  ['RUNNING', 'running'],
  ['FINISHED', 'finished'],
  ['FAILED', 'failed'],
  ['KILLED', 'killed'],
  ['INTERRUPTED', 'interrupted']
] as const)('the state %s has its word beside its sign', (state, word) => {
  const { container } = render(<StateSign state={state} trans={trans} />);
  expect(container.textContent).toMatch(new RegExp(`^\\S ${word}$`));
});

describe('Tabs', () => {
  const Three = (): React.ReactElement => {
    const [selected, select] = React.useState<'a' | 'b' | 'c'>('a');
    return (
      <Tabs
        label="Parts"
        tabs={[
          { id: 'a', label: 'A' },
          { id: 'b', label: 'B', count: 3 },
          { id: 'c', label: 'C' }
        ]}
        selected={selected}
        onSelect={select}
      >
        content of {selected}
      </Tabs>
    );
  };

  const selected = (): string | null => screen.getByRole('tab', { selected: true }).textContent;

  it('show the panel of the selected one, which names it', () => {
    render(<Three />);
    expect(screen.getByRole('tabpanel', { name: 'A' }).textContent).toBe('content of a');
    fireEvent.click(screen.getByRole('tab', { name: /B/ }));
    expect(screen.getByRole('tabpanel').textContent).toBe('content of b');
  });

  it('are one stop of the Tab key', () => {
    render(<Three />);
    expect(screen.getAllByRole('tab').map(tab => tab.tabIndex)).toEqual([0, -1, -1]);
  });

  it.each([
    ['ArrowRight', 'B3'],
    ['ArrowLeft', 'C'],
    ['End', 'C'],
    ['Home', 'A']
  ])('%s goes to %s, and focus with it', (key, expected) => {
    render(<Three />);
    fireEvent.keyDown(screen.getByRole('tab', { name: 'A' }), { key });
    expect(selected()).toBe(expected);
    expect(document.activeElement?.textContent).toBe(expected);
  });

  it('leave other keys alone', () => {
    render(<Three />);
    expect(fireEvent.keyDown(screen.getByRole('tab', { name: 'A' }), { key: 'x' })).toBe(true);
    expect(selected()).toBe('A');
  });
});

describe('notices', () => {
  it('a problem says what happened, what is kept and what to do', () => {
    let tried = 0;
    const error = new ApiError(503, 'store-unavailable', 'MLflow does not answer.', 'Start its server.');
    render(<Problem error={error} kept="The run is kept." onRetry={() => tried++} trans={trans} />);
    expect(screen.getByRole('alert').textContent).toContain(
      'MLflow does not answer. The run is kept. Start its server.'
    );
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(tried).toBe(1);
  });

  it('a part is loading, then there; after a failure what was read stays', () => {
    const lazy = (value: string | null, error: Error | null): React.ReactElement => (
      <Lazy part={{ value, error }} onRetry={() => undefined} trans={trans}>
        {text => <p>{text}</p>}
      </Lazy>
    );
    const { container, rerender } = render(lazy(null, null));
    expect(screen.getByRole('status').textContent).toBe('Loading…');
    rerender(lazy('content', null));
    expect(container.textContent).toBe('content');
    rerender(lazy('content', new Error('gone')));
    expect(container.textContent).toContain('What was read earlier is still shown.');
    expect(container.textContent).toContain('content');
    rerender(lazy(null, new Error('gone')));
    expect(container.textContent).not.toContain('Loading');
  });

  it('emptiness is said in words', () => {
    expect(render(<Empty>Nothing yet</Empty>).container.textContent).toBe('Nothing yet');
  });
});
