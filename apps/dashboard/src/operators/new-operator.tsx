import type { OperatorRole, OperatorWithPasswordBody } from '@darkroom/contracts/admin';
import { type SyntheticEvent, useId, useRef, useState } from 'react';
import { useChange } from '../api/queries.js';
import { send } from '../api/request.js';
import { Field, FormError } from '../components/field.js';
import { OneTimePassword } from './one-time-password.js';
import { RoleChoice } from './role-choice.js';

/** Makes an operator, whose password is shown once. */
export function NewOperator() {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const empty = { name: '', role: 'viewer' as OperatorRole };
  const [form, setForm] = useState(empty);
  const make = useChange((body: typeof form) => send<OperatorWithPasswordBody>('POST', 'operators', body), {
    changed: ['operators'],
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    make.mutate(form);
  };
  const close = () => dialog.current?.close();
  const closed = () => {
    make.reset();
    setForm(empty);
  };
  return (
    <>
      <button type="button" className="primary" onClick={() => dialog.current?.showModal()}>
        New operator
      </button>
      <dialog ref={dialog} aria-labelledby={titleId} onClose={closed}>
        <h2 id={titleId}>New operator</h2>
        {make.data === undefined ? (
          <form onSubmit={submit}>
            <Field label="Name" hint="As the audit log will call them." param="name" error={make.error}>
              {(ids) => (
                <input
                  {...ids}
                  required
                  autoComplete="off"
                  value={form.name}
                  onChange={({ target }) => setForm({ ...form, name: target.value })}
                />
              )}
            </Field>
            <Field label="Role" param="role" error={make.error}>
              {(ids) => <RoleChoice ids={ids} role={form.role} onChoose={(role) => setForm({ ...form, role })} />}
            </Field>
            <FormError error={make.error} params={['name', 'role']} />
            <div className="actions end">
              <button type="button" onClick={close}>
                Cancel
              </button>
              <button type="submit" className="primary" disabled={make.isPending}>
                Make the operator
              </button>
            </div>
          </form>
        ) : (
          <OneTimePassword made={make.data} onDone={close} />
        )}
      </dialog>
    </>
  );
}
