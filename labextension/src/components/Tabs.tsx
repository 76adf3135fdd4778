import React from 'react';
import { formatNumber } from '../model/format';

export interface ITab<T extends string> {
  id: T;
  label: string;
  /** A small count beside the label. */
  count?: number;
}

interface ITabsProps<T extends string> {
  tabs: readonly ITab<T>[];
  selected: T;
  label: string;
  onSelect: (tab: T) => void;
  children: React.ReactNode;
}

/** Tabs by the ARIA pattern: one stop of the Tab key; arrows, Home and End go from tab to tab. */
export function Tabs<T extends string>(props: ITabsProps<T>): React.ReactElement {
  const { tabs, selected, label, onSelect, children } = props;
  const prefix = React.useId();
  const list = React.useRef<HTMLDivElement>(null);
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const at = tabs.findIndex(tab => tab.id === selected);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) {
      return;
    }
    event.preventDefault();
    const index = (to + tabs.length) % tabs.length;
    onSelect(tabs[index].id);
    list.current?.querySelectorAll<HTMLElement>('[role="tab"]')[index].focus();
  };
  return (
    <div className="bioml-Tabs">
      <div className="bioml-TabList" role="tablist" aria-label={label} ref={list} onKeyDown={onKeyDown}>
        {tabs.map(tab => (
          <button
            key={tab.id}
            id={`${prefix}-${tab.id}`}
            type="button"
            role="tab"
            className="bioml-Tab"
            aria-selected={tab.id === selected}
            aria-controls={`${prefix}-panel`}
            tabIndex={tab.id === selected ? 0 : -1}
            onClick={() => onSelect(tab.id)}
          >
            {tab.label}
            {tab.count !== undefined && <span className="bioml-TabCount">{formatNumber(tab.count)}</span>}
          </button>
        ))}
      </div>
      <div
        id={`${prefix}-panel`}
        className="bioml-TabPanel"
        role="tabpanel"
        tabIndex={0}
        aria-labelledby={`${prefix}-${selected}`}
      >
        {children}
      </div>
    </div>
  );
}
