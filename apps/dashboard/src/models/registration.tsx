import type { ModelRegistrationBody } from '@darkroom/contracts/admin';
import { type SyntheticEvent, useId, useRef, useState } from 'react';
import { useChange } from '../api/queries.js';
import { send } from '../api/request.js';
import { Badge, type Tone } from '../components/badge.js';
import { ConfirmButton } from '../components/confirm-button.js';
import { CopyId } from '../components/copy-id.js';
import { Field, FormError } from '../components/field.js';
import { TimeAgo } from '../components/time-ago.js';
import { useMay } from '../session/session.js';

const standings: Readonly<Record<ModelRegistrationBody['standing'], readonly [Tone, string]>> = {
  absent: ['plain', 'Not there yet'],
  present: ['busy', 'Present, not served'],
  served: ['good', 'Served'],
  wrong: ['bad', 'Another revision is there'],
};

/** Which revision a model is meant to be, and whether that is what there is. */
export function Registration({ name, registration }: { name: string; registration: ModelRegistrationBody }) {
  const may = useMay();
  const { digest, source, required, standing, workers, wrong_workers: wrong } = registration;
  const [tone, words] = standings[standing];
  const all = (workers ?? 0) + (wrong ?? 0);
  const remove = useChange(() => send('DELETE', `models/${name}/registration`), {
    changed: ['models'],
    done: `${name} is registered no more.`,
  });
  return (
    <div className="model-part">
      <h3>Registered</h3>
      <p>
        <Badge tone={tone}>{words}</Badge> <CopyId id={digest} what="digest" /> from <code className="source">{source}</code>, by{' '}
        {registration.registered_by}, <TimeAgo at={registration.registered_at} />.{' '}
        {all > 0 && `${workers} of ${all} ${all === 1 ? 'worker has' : 'workers have'} it. `}
        {required && 'It is required: gateways that have another don’t offer the model.'}
      </p>
      {may('operate') && (
        <div className="actions">
          <ConfirmButton label="Take it out" title={`Register ${name} no more?`} onConfirm={() => remove.mutate(undefined)}>
            <p>Nothing is stopped or deleted: what is served goes on being served, and no revision is wrong any more.</p>
          </ConfirmButton>
        </div>
      )}
      <FormError error={remove.error} params={[]} />
    </div>
  );
}

const empty = { model: '', digest: '', source: '', required: false };

/** Says which revision a model is meant to be. */
export function RegisterButton() {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const [form, setForm] = useState(empty);
  const close = () => dialog.current?.close();
  const put = useChange(
    async ({ model, ...body }: typeof form) => {
      const state = await send('PUT', `models/${encodeURIComponent(model)}/registration`, body);
      close();
      return state;
    },
    { changed: ['models'], done: (_, { model }) => `${model} is registered.` },
  );
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    put.mutate(form);
  };
  const closed = () => {
    put.reset();
    setForm(empty);
  };
  const text = (param: 'model' | 'digest' | 'source', label: string, hint: string) => (
    <Field label={label} hint={hint} param={param} error={put.error}>
      {(ids) => (
        <input
          {...ids}
          required
          autoComplete="off"
          spellCheck="false"
          value={form[param]}
          onChange={({ target }) => setForm({ ...form, [param]: target.value.trim() })}
        />
      )}
    </Field>
  );
  return (
    <>
      <button type="button" onClick={() => dialog.current?.showModal()}>
        Register a model…
      </button>
      <dialog ref={dialog} aria-labelledby={titleId} onClose={closed}>
        <h2 id={titleId}>Register a model</h2>
        <p className="hint">
          This says which revision it is meant to be; the page then tells who has it. The files come by the platform’s deployment,
          or on one machine by <code>npm run models</code>.
        </p>
        <form onSubmit={submit}>
          {text('model', 'Name', 'As clients ask for it, and as its folder is called.')}
          {text('digest', 'Digest', 'sha256: and what sha256sum says of its digests.json.')}
          {text('source', 'Source', 's3://bucket/folder, https://host/folder or file:///folder.')}
          <label className="check">
            <input
              type="checkbox"
              checked={form.required}
              onChange={({ target }) => setForm({ ...form, required: target.checked })}
            />
            Required: gateways that have another revision don’t offer the model
          </label>
          <FormError error={put.error} params={['model', 'digest', 'source']} />
          <div className="actions end">
            <button type="button" onClick={close}>
              Cancel
            </button>
            <button type="submit" className="primary" disabled={put.isPending}>
              Register it
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}
