import type { OperatorBody, OperatorWithPasswordBody } from '@darkroom/contracts/admin';
import { type SyntheticEvent, useId, useRef, useState } from 'react';
import { useChange } from '../api/queries.js';
import { send } from '../api/request.js';
import { ConfirmButton } from '../components/confirm-button.js';
import { Field, FormError } from '../components/field.js';
import { OneTimePassword } from './one-time-password.js';
import { RoleChoice } from './role-choice.js';

const changed = ['operators', 'session'];

/** What can be changed of an operator; each change ends its sessions. */
export function OperatorActions({ operator }: { operator: OperatorBody }) {
  const { id, name, disabled_at: disabledAt } = operator;
  const disable = useChange((disabled: boolean) => send<OperatorBody>('PATCH', `operators/${id}`, { disabled }), {
    changed,
    done: ({ disabled_at }) => (disabled_at === null ? `${name} may sign in again.` : `${name} may not sign in any more.`),
  });
  return (
    <>
      <div className="actions">
        <NewRole operator={operator} />
        <NewPassword operator={operator} />
        {disabledAt === null ? (
          <ConfirmButton
            label="Disable"
            title={`Disable ${name}?`}
            disabled={disable.isPending}
            onConfirm={() => disable.mutate(true)}
          >
            <p>{name} is signed out everywhere and can’t sign in until enabled again.</p>
          </ConfirmButton>
        ) : (
          <button type="button" disabled={disable.isPending} onClick={() => disable.mutate(false)}>
            Enable
          </button>
        )}
      </div>
      <FormError error={disable.error} params={[]} />
    </>
  );
}

function NewRole({ operator: { id, name, role } }: { operator: OperatorBody }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const [wanted, setWanted] = useState(role);
  const change = useChange((next: typeof role) => send<OperatorBody>('PATCH', `operators/${id}`, { role: next }), {
    changed,
    done: (changedOperator) => `${name} has the role ${changedOperator.role} now.`,
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    change.mutate(wanted, { onSuccess: () => dialog.current?.close() });
  };
  const open = () => {
    setWanted(role);
    change.reset();
    dialog.current?.showModal();
  };
  return (
    <>
      <button type="button" onClick={open} aria-label={`Change the role of ${name}`}>
        Role
      </button>
      <dialog ref={dialog} aria-labelledby={titleId}>
        <h2 id={titleId}>Role of {name}</h2>
        <form onSubmit={submit}>
          <Field label="Role" hint={`${name} is signed out everywhere by that.`} param="role" error={change.error}>
            {(ids) => <RoleChoice ids={ids} role={wanted} onChoose={setWanted} />}
          </Field>
          <FormError error={change.error} params={['role']} />
          <div className="actions end">
            <button type="button" onClick={() => dialog.current?.close()}>
              Cancel
            </button>
            <button type="submit" className="primary" disabled={change.isPending}>
              Change the role
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}

function NewPassword({ operator: { id, name } }: { operator: OperatorBody }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const reset = useChange(() => send<OperatorWithPasswordBody>('POST', `operators/${id}/password`), { changed });
  const close = () => dialog.current?.close();
  return (
    <>
      <button type="button" onClick={() => dialog.current?.showModal()} aria-label={`New password for ${name}`}>
        New password
      </button>
      <dialog ref={dialog} aria-labelledby={titleId} onClose={() => reset.reset()}>
        <h2 id={titleId}>New password for {name}</h2>
        {reset.data === undefined ? (
          <>
            <p>The old one is of no use any more, and {name} is signed out everywhere.</p>
            <FormError error={reset.error} params={[]} />
            <div className="actions end">
              <button type="button" onClick={close}>
                Keep it as it is
              </button>
              <button type="button" className="danger primary" disabled={reset.isPending} onClick={() => reset.mutate()}>
                Make a new password
              </button>
            </div>
          </>
        ) : (
          <OneTimePassword made={reset.data} onDone={close} />
        )}
      </dialog>
    </>
  );
}
