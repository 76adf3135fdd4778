import { fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import type { RecordReport } from '../../../api/wire';
import { aDetail, HOSTILE, trans } from '../../../testing/pages';
import { Reports, reportsTab } from '../Reports';

function aReport(changes: Partial<RecordReport> = {}): RecordReport {
  return {
    kind: 'leakage',
    at: 1_795_270_000,
    state: 'warn',
    summary: {
      sentence: 'Patient P7 is in both parts.\nCheck the split.',
      shared: 1,
      signs: [{ text: 'row 7' }],
      none: null
    },
    tags: { 'bioml.leakage.shared': '1' },
    blobs: { 'pairs.csv': { blob: 'a'.repeat(64), size: 1234 } },
    ...changes
  };
}

function show(...reports: RecordReport[]): HTMLElement {
  const urlOf = (file: string): string => `http://test/${file}`;
  return render(<Reports reports={reports} onOpenFile={() => undefined} urlOf={urlOf} trans={trans} />)
    .container;
}

describe('the reports of a run', () => {
  it('say what was checked, how it went, and in which files the details are', () => {
    const text = show(aReport(), aReport({ kind: 'drift', state: 'ok', blobs: {} })).textContent;
    for (const part of [
      'leakage',
      'warn',
      'Patient P7',
      'shared',
      'row 7',
      'bioml.leakage.shared',
      '1.2 kB',
      'drift',
      'ok'
    ]) {
      expect(text).toContain(part);
    }
    const [link] = screen.getAllByRole('link');
    expect(link.getAttribute('href')).toBe('http://test/bioml/reports/leakage/pairs.csv');
  });

  it('are missing in plain words', () => {
    expect(show().textContent).toBe('No reports were written for this run.');
    expect(reportsTab.count?.(aDetail())).toBeUndefined();
    expect(reportsTab.count?.(aDetail({ record: { reports: [aReport()] } }))).toBe(1);
  });

  it('are text, whatever stands in them, and every character of a summary can be seen', () => {
    const report = aReport({
      kind: HOSTILE,
      state: HOSTILE,
      summary: { [HOSTILE]: HOSTILE },
      tags: { [HOSTILE]: HOSTILE },
      blobs: { [HOSTILE]: { blob: 'a', size: 1 } }
    });
    const container = show(report);
    expect(container.querySelector('img')).toBeNull();
    const summary = container.querySelector('.bioml-Note');
    expect(summary?.querySelector('.bioml-Invisible')?.getAttribute('title')).toBe('U+202E');
    expect(summary?.textContent?.length).toBeLessThan(2100);
    fireEvent.click(screen.getByRole('button', { name: 'Show all' }));
    expect(container.querySelector('.bioml-Note')?.textContent?.length).toBeGreaterThan(10_000);
  });
});
