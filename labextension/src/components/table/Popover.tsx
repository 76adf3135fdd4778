import React from 'react';

/** A button that opens a panel below it; Escape and a press elsewhere close it, and the keyboard comes back to it. */
export function Popover(props: {
  label: React.ReactNode;
  /** Said of button and panel where the label is only a sign. */
  name: string;
  isDisabled?: boolean;
  onOpen?: () => void;
  /** @param close - what closes it, for what is done with a choice. */
  children: (close: () => void) => React.ReactNode;
}): React.ReactElement {
  const [isOpen, setOpen] = React.useState(false);
  const place = React.useRef<HTMLSpanElement>(null);
  const panel = React.useRef<HTMLDivElement>(null);
  const id = React.useId();
  const close = (): void => {
    setOpen(false);
    place.current?.querySelector('button')?.focus();
  };
  React.useEffect(() => {
    if (!isOpen) {
      return undefined;
    }
    const leave = (event: Event): void => {
      if (!place.current?.contains(event.target as Node)) {
        setOpen(false);
      }
    };
    panel.current?.querySelector<HTMLElement>('input, select, button, textarea')?.focus();
    // what was pressed may be gone by then, and the keyboard with it
    const escape = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') {
        event.stopPropagation();
        close();
      }
    };
    document.addEventListener('pointerdown', leave, true);
    document.addEventListener('keydown', escape, true);
    return () => {
      document.removeEventListener('pointerdown', leave, true);
      document.removeEventListener('keydown', escape, true);
    };
  }, [isOpen]);
  React.useLayoutEffect(() => {
    if (isOpen && panel.current && place.current) {
      keepInside(panel.current, place.current);
    }
  });
  return (
    <span ref={place} className="bioml-Popover">
      <button
        type="button"
        className="bioml-Button"
        disabled={props.isDisabled}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        aria-label={props.name}
        title={props.name}
        onClick={() => {
          if (!isOpen) {
            props.onOpen?.();
          }
          setOpen(!isOpen);
        }}
      >
        {props.label} <span aria-hidden="true">▾</span>
      </button>
      {isOpen && (
        <div ref={panel} id={id} className="bioml-Popover-panel" role="dialog" aria-label={props.name}>
          {props.children(close)}
        </div>
      )}
    </span>
  );
}

/** Move a panel to the left as far as the page's right edge asks, and let it scroll within the page's height. */
function keepInside(panel: HTMLElement, place: HTMLElement): void {
  const page = place.closest('.bioml-TablePage')?.getBoundingClientRect();
  const at = place.getBoundingClientRect();
  if (page !== undefined) {
    const left = Math.min(at.left, page.right - panel.offsetWidth - 8);
    panel.style.left = `${Math.max(page.left + 8, left) - at.left}px`;
    panel.style.maxHeight = `${Math.max(140, page.bottom - at.bottom - 12)}px`;
  }
}
