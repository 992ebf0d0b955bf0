import { type ReactNode, useId } from 'react';

interface FieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly children: (id: string) => ReactNode;
}

/** A control under its label. */
export function Field({ label, hint, children }: FieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children(id)}
      {hint && <p className="hint">{hint}</p>}
    </div>
  );
}

interface SliderProps {
  readonly label: string;
  readonly hint: string;
  readonly value: number;
  readonly range: readonly [min: number, max: number, step: number];
  readonly onChange: (value: number) => void;
}

/** A number that is better felt than typed. */
export function Slider({ label, hint, value, range: [min, max, step], onChange }: SliderProps) {
  return (
    <Field label={label} hint={hint}>
      {(id) => (
        <span className="slider">
          <input id={id} type="range" {...{ min, max, step, value }} onChange={({ target }) => onChange(Number(target.value))} />
          <output htmlFor={id}>{value}</output>
        </span>
      )}
    </Field>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  /** What is shown of each value. */
  readonly choices: Readonly<Record<string, string>>;
  readonly onChange: (value: string) => void;
}

/** One of a few. */
export function Choice({ label, value, choices, onChange }: ChoiceProps) {
  return (
    <Field label={label}>
      {(id) => (
        <select id={id} value={value} onChange={({ target }) => onChange(target.value)}>
          {Object.entries(choices).map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
