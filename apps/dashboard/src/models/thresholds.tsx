import type { CanaryThresholdsBody } from '@darkroom/contracts/admin';
import type { ReactNode } from 'react';
import { Field } from '../components/field.js';

/** The thresholds as they are typed in: differences of rates in percentage points. */
export type ThresholdsForm = Readonly<Record<keyof CanaryThresholdsBody, string>>;

/** Names of the request's parameters that the thresholds fill. */
export const thresholdParams = ['min_generations', 'max_error_increase', 'max_refusal_increase', 'significance'] as const;

/** The form's texts for thresholds. */
export function formOf(thresholds: CanaryThresholdsBody): ThresholdsForm {
  return {
    min_generations: String(thresholds.min_generations),
    max_error_increase: points(thresholds.max_error_increase),
    max_refusal_increase: points(thresholds.max_refusal_increase),
    significance: String(thresholds.significance),
  };
}

/** The request's numbers for what was typed in; NaN, which JSON makes null and the server refuses, for what is none. */
export function thresholdsOf(form: ThresholdsForm): CanaryThresholdsBody {
  const number = (text: string) => (text.trim() === '' ? Number.NaN : Number(text));
  return {
    min_generations: number(form.min_generations),
    max_error_increase: share(number(form.max_error_increase)),
    max_refusal_increase: share(number(form.max_refusal_increase)),
    significance: number(form.significance),
  };
}

/** When a canary counts as worse than its model. */
export function Thresholds({
  form,
  error,
  onChange,
}: {
  form: ThresholdsForm;
  error: Error | null;
  onChange: (form: ThresholdsForm) => void;
}) {
  const field = (param: keyof ThresholdsForm, label: string, hint: ReactNode) => (
    <Field label={label} hint={hint} param={param} error={error}>
      {(ids) => (
        <input
          {...ids}
          inputMode="decimal"
          required
          value={form[param]}
          onChange={({ target }) => onChange({ ...form, [param]: target.value })}
        />
      )}
    </Field>
  );
  return (
    <details>
      <summary>When it is taken back</summary>
      <div className="fields">
        {field(
          'min_generations',
          'Generations',
          'Of each within the last half hour; with fewer, nothing is said. More make it surer, and slower.',
        )}
        {field(
          'max_error_increase',
          'Failures, points more',
          'By so many percentage points its share of failures may exceed the model’s: 2 lets 3 % pass where the model has 1 %.',
        )}
        {field('max_refusal_increase', 'Refused pictures, points more', 'The same for pictures that moderation refused.')}
        {field(
          'significance',
          'Chance',
          'How probable such an excess may be if both were alike, at each look, every five seconds: 0.001 is once in a thousand.',
        )}
      </div>
    </details>
  );
}

function points(value: number): string {
  return String(Number((100 * value).toPrecision(12)));
}

function share(value: number): number {
  return Number((value / 100).toPrecision(12));
}
