import React from 'react';

/** A line to fill in, with its name before it, what is known to complete it, and a note below. */
export function TextField(props: {
  label: string;
  value: string;
  placeholder: string;
  options?: readonly string[];
  note?: string;
  className?: string;
  disabled: boolean;
  onChange: (value: string) => void;
}): React.ReactElement {
  const id = React.useId();
  return (
    <div className={`bioml-RegisterField ${props.className ?? ''}`}>
      <label htmlFor={id}>{props.label}</label>
      <input
        id={id}
        className="jp-mod-styled"
        type="text"
        autoComplete="off"
        spellCheck={false}
        value={props.value}
        placeholder={props.placeholder}
        readOnly={props.disabled}
        list={props.options ? `${id}-known` : undefined}
        aria-describedby={props.note ? `${id}-note` : undefined}
        onChange={event => props.onChange(event.target.value)}
      />
      {props.options && (
        <datalist id={`${id}-known`}>
          {props.options.map(option => (
            <option key={option} value={option} />
          ))}
        </datalist>
      )}
      {props.note && (
        <span id={`${id}-note`} className="bioml-RegisterNote bioml-soft">
          {props.note}
        </span>
      )}
    </div>
  );
}
