import { type IssuedKeyBody, type NewKeyBody, type Scope, scopes, type TenantBody } from '@darkroom/contracts/admin';
import { type SyntheticEvent, useId, useRef, useState } from 'react';
import { useChange } from '../api/queries.js';
import { send } from '../api/request.js';
import { Field, FormError } from '../components/field.js';

const meanings: Readonly<Record<Scope, string>> = {
  generate: 'make images',
  read: 'see its generations',
  usage: 'see its usage',
  webhooks: 'change its webhooks',
};

/** Issues a key, whose secret is shown once. */
export function NewKey({ tenant }: { tenant: TenantBody }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const [form, setForm] = useState({ name: '', days: '', requests: '', scopes: [...scopes] as readonly Scope[] });
  const issue = useChange((key: NewKeyBody) => send<IssuedKeyBody>('POST', 'keys', key), { changed: ['keys'] });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    issue.mutate({
      name: form.name,
      tenant: tenant.id,
      scopes: form.scopes,
      ...(form.days !== '' && { expires_in_days: Number(form.days) }),
      ...(form.requests !== '' && { requests_per_minute: Number(form.requests) }),
    });
  };
  const toggle = (scope: Scope) =>
    setForm({ ...form, scopes: scopes.filter((one) => (one === scope) !== form.scopes.includes(one)) });
  return (
    <>
      <button type="button" onClick={() => dialog.current?.showModal()}>
        New key
      </button>
      <dialog ref={dialog} aria-labelledby={titleId} onClose={() => issue.reset()}>
        <h2 id={titleId}>New key of {tenant.name}</h2>
        {issue.data === undefined ? (
          <form onSubmit={submit}>
            <Field label="Name" hint="What or who it is for." param="name" error={issue.error}>
              {(ids) => (
                <input {...ids} required value={form.name} onChange={({ target }) => setForm({ ...form, name: target.value })} />
              )}
            </Field>
            <fieldset>
              <legend>It may</legend>
              {scopes.map((scope) => (
                <label key={scope} className="check">
                  <input type="checkbox" checked={form.scopes.includes(scope)} onChange={() => toggle(scope)} />
                  {meanings[scope]}
                </label>
              ))}
            </fieldset>
            <div className="fields">
              <Field label="Valid for days" hint="Empty: until it is revoked." param="expires_in_days" error={issue.error}>
                {(ids) => (
                  <input
                    {...ids}
                    inputMode="numeric"
                    value={form.days}
                    onChange={({ target }) => setForm({ ...form, days: target.value })}
                  />
                )}
              </Field>
              <Field label="Requests a minute" hint="Empty: as the tenant." param="requests_per_minute" error={issue.error}>
                {(ids) => (
                  <input
                    {...ids}
                    inputMode="numeric"
                    value={form.requests}
                    onChange={({ target }) => setForm({ ...form, requests: target.value })}
                  />
                )}
              </Field>
            </div>
            <FormError error={issue.error} params={['name', 'expires_in_days', 'requests_per_minute']} />
            <div className="actions end">
              <button type="button" onClick={() => dialog.current?.close()}>
                Cancel
              </button>
              <button type="submit" className="primary" disabled={issue.isPending}>
                Issue the key
              </button>
            </div>
          </form>
        ) : (
          <Secret issued={issue.data} onDone={() => dialog.current?.close()} />
        )}
      </dialog>
    </>
  );
}

function Secret({ issued: { name, secret }, onDone }: { issued: IssuedKeyBody; onDone: () => void }) {
  const [isCopied, setIsCopied] = useState(false);
  return (
    <>
      <p role="status">Key {name} is issued. Copy its secret now: it is shown this once, and kept nowhere.</p>
      <code className="secret">{secret}</code>
      <div className="actions end">
        <button
          type="button"
          className="primary"
          onClick={() => void navigator.clipboard.writeText(secret).then(() => setIsCopied(true))}
        >
          {isCopied ? 'Copied' : 'Copy the secret'}
        </button>
        <button type="button" onClick={onDone}>
          Done
        </button>
      </div>
    </>
  );
}
