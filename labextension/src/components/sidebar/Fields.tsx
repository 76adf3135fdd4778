import React from 'react';

/** Typing pauses this long before it counts; milliseconds. */
const PAUSE = 250;

/** A button that is on or off. */
export function Toggle(props: {
  label: string;
  sign: string;
  isOn: boolean;
  onToggle: () => void;
}): React.ReactElement {
  return (
    <button
      type="button"
      className={`bioml-SignButton${props.isOn ? ' bioml-mod-on' : ''}`}
      aria-pressed={props.isOn}
      aria-label={props.label}
      title={props.label}
      onClick={props.onToggle}
    >
      {props.sign}
    </button>
  );
}

/** A box to tick, with its words. */
export function Check(props: { label: string; isOn: boolean; onToggle: () => void }): React.ReactElement {
  return (
    <label className="bioml-Check">
      <input type="checkbox" checked={props.isOn} onChange={props.onToggle} /> {props.label}
    </label>
  );
}

/** A field whose text counts once typing pauses; what is set from elsewhere is shown. */
export function TextField(props: {
  label: string;
  placeholder: string;
  type: 'search' | 'text' | 'number';
  value: string;
  onChange: (value: string) => void;
}): React.ReactElement {
  const { value } = props;
  const [text, setText] = React.useState(value);
  const timer = React.useRef<ReturnType<typeof setTimeout>>();
  // what is set from elsewhere also takes the place of what waits for its pause
  React.useEffect(() => {
    setText(value);
    return () => clearTimeout(timer.current);
  }, [value]);
  const type = (typed: string): void => {
    setText(typed);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => props.onChange(typed), PAUSE);
  };
  return (
    <input
      className="bioml-Field"
      type={props.type}
      step={props.type === 'number' ? 'any' : undefined}
      aria-label={props.label}
      title={props.label}
      placeholder={props.placeholder}
      value={text}
      onChange={event => type(event.target.value)}
    />
  );
}

/** A number, or none. */
export function NumberField(props: {
  label: string;
  value: number | null;
  onChange: (value: number | null) => void;
}): React.ReactElement {
  const read = (text: string): void => {
    const value = text.trim() === '' ? null : Number(text);
    if (value === null || Number.isFinite(value)) {
      props.onChange(value);
    }
  };
  return (
    <TextField
      label={props.label}
      placeholder={props.label}
      type="number"
      value={props.value === null ? '' : String(props.value)}
      onChange={read}
    />
  );
}
