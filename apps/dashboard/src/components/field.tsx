import { type ReactNode, useId } from 'react';
import { ApiError } from '../api/request.js';

/** What an input needs to belong to its label, hint and error. */
export interface FieldIds {
  readonly id: string;
  readonly 'aria-describedby': string;
  readonly 'aria-invalid': boolean;
}

/** A labelled input with its hint, and beside it the server's words when it is what the server refused. */
export function Field({
  label,
  hint,
  param,
  error,
  children,
}: {
  label: string;
  hint?: ReactNode;
  /** The request's parameter that it fills. */
  param: string;
  error: Error | null;
  children: (ids: FieldIds) => ReactNode;
}) {
  const id = useId();
  const isWrong = error instanceof ApiError && error.param?.split('.')[0] === param;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-describedby': `${id}-hint`, 'aria-invalid': isWrong })}
      <div id={`${id}-hint`} className="hint">
        {hint}
        {isWrong && (
          <p role="alert" className="wrong">
            {error.message}
          </p>
        )}
      </div>
    </div>
  );
}

/** What the server refused, where none of the form's fields is at fault. */
export function FormError({ error, params }: { error: Error | null; params: readonly string[] }) {
  if (error === null || (error instanceof ApiError && params.includes(error.param?.split('.')[0] ?? ''))) return null;
  return (
    <p role="alert" className="wrong">
      {error.message}
    </p>
  );
}
