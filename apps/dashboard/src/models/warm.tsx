import type { ModelStateBody, ModelWarmthBody } from '@darkroom/contracts/admin';
import { type SyntheticEvent, useId, useRef, useState } from 'react';
import { useChange } from '../api/queries.js';
import { send } from '../api/request.js';
import { Field, FormError } from '../components/field.js';
import { useMay } from '../session/session.js';

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: 'UTC' });

/** What somebody wants to be ready of a model ahead of its requests, and takes it back. */
export function Warmth({ name, warm }: { name: string; warm: ModelWarmthBody }) {
  const may = useMay();
  const end = useChange(() => send('DELETE', `models/${name}/warm`), {
    changed: ['models'],
    done: `The work alone says how many workers ${name} has.`,
  });
  return (
    <span className="answer">
      <span>
        {warm.ready} of {warm.replicas} ready, until <time dateTime={warm.until}>{clock.format(new Date(warm.until))} UTC</time>,
        by {warm.by}
      </span>
      {may('operate') && (
        <button type="button" className="quiet tiny" disabled={end.isPending} onClick={() => end.mutate(undefined)}>
          Warm no longer
        </button>
      )}
      <FormError error={end.error} params={[]} />
    </span>
  );
}

/** Has workers of a model ready for a time, ahead of its requests. */
export function WarmButton({ model: { name, warm } }: { model: ModelStateBody }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const [form, setForm] = useState({ replicas: warm?.replicas ?? 1, minutes: 30 });
  const close = () => dialog.current?.close();
  const put = useChange(
    async () => {
      const state = await send<ModelStateBody>('POST', `models/${name}/warm`, form);
      close();
      return state;
    },
    { changed: ['models'], done: `${name} is to have ${form.replicas} ready for ${form.minutes} minutes.` },
  );
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    put.mutate(undefined);
  };
  const number = (field: keyof typeof form, most: number) => (ids: object) => (
    <input
      {...ids}
      type="number"
      required
      min="1"
      max={most}
      value={form[field] || ''}
      onChange={({ target }) => setForm({ ...form, [field]: target.valueAsNumber || 0 })}
    />
  );
  return (
    <>
      <button type="button" onClick={() => dialog.current?.showModal()}>
        Warm…
      </button>
      <dialog ref={dialog} aria-labelledby={titleId} onClose={() => put.reset()}>
        <h2 id={titleId}>Warm {name}?</h2>
        <p>
          The autoscaler keeps at least so many workers of it, whatever waits: for a canary’s first requests, or before a rush. A
          worker is ready when it has loaded the model and made passes with it. Without an autoscaler nothing starts workers.
        </p>
        <form onSubmit={submit}>
          <div className="fields">
            <Field label="Workers" hint="At least; fleets keep to their own maximum." param="replicas" error={put.error}>
              {number('replicas', 100)}
            </Field>
            <Field label="Minutes" param="minutes" error={put.error}>
              {number('minutes', 1_440)}
            </Field>
          </div>
          <FormError error={put.error} params={['replicas', 'minutes']} />
          <div className="actions end">
            <button type="button" onClick={close}>
              Cancel
            </button>
            <button type="submit" className="primary" disabled={put.isPending}>
              Warm it
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}
