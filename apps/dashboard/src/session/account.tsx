import { type CurrentOperatorBody, passwordLength } from '@darkroom/contracts/admin';
import { useQueryClient } from '@tanstack/react-query';
import { type SyntheticEvent, useState } from 'react';
import { useChange } from '../api/queries.js';
import { send } from '../api/request.js';
import { Field, FormError } from '../components/field.js';
import { Facts } from '../components/table.js';
import { Page, Panel } from '../shell/page.js';
import { useSession } from './session.js';

const waysInWords: Readonly<Record<CurrentOperatorBody['via'], string>> = {
  token: 'with the admin token',
  password: 'with a password',
  oidc: 'at the OpenID provider',
};

/** Who one is, what one may, one's password, and the way out. */
export function Account({ operator: { name, role, via } }: { operator: CurrentOperatorBody }) {
  const { data } = useSession();
  return (
    <Page title="Your account" actions={<SignOut />}>
      <Panel title={name}>
        <Facts
          facts={[
            ['Role', role],
            ['You may', data?.permissions.join(', ')],
            ['You signed in', waysInWords[via]],
          ]}
        />
      </Panel>
      {via === 'password' && <NewPassword name={name} />}
    </Page>
  );
}

function SignOut() {
  const client = useQueryClient();
  const leave = useChange(() => send('DELETE', 'session'), { changed: [], done: 'You are signed out.' });
  // Nothing of what one saw stays for who comes next.
  const signOut = () => leave.mutate(undefined, { onSuccess: () => void client.resetQueries() });
  return (
    <button type="button" disabled={leave.isPending} onClick={signOut}>
      Sign out
    </button>
  );
}

function NewPassword({ name }: { name: string }) {
  const empty = { current_password: '', new_password: '' };
  const [form, setForm] = useState(empty);
  const change = useChange((body: typeof form) => send('POST', 'session/password', body), {
    changed: [],
    done: 'Your password is changed.',
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    change.mutate(form, { onSuccess: () => setForm(empty) });
  };
  return (
    <Panel title="Password">
      <form onSubmit={submit}>
        {/* For password managers, which are to know whose it is. */}
        <input type="text" autoComplete="username" value={name} readOnly hidden />
        <div className="fields">
          <Field label="Current password" param="current_password" error={change.error}>
            {(ids) => (
              <input
                {...ids}
                required
                type="password"
                autoComplete="current-password"
                value={form.current_password}
                onChange={({ target }) => setForm({ ...form, current_password: target.value })}
              />
            )}
          </Field>
          <Field
            label="New password"
            hint={`${passwordLength.min} characters or more. You stay signed in here, and nowhere else.`}
            param="new_password"
            error={change.error}
          >
            {(ids) => (
              <input
                {...ids}
                required
                type="password"
                autoComplete="new-password"
                value={form.new_password}
                onChange={({ target }) => setForm({ ...form, new_password: target.value })}
              />
            )}
          </Field>
        </div>
        <FormError error={change.error} params={['current_password', 'new_password']} />
        <div className="actions">
          <button type="submit" className="primary" disabled={change.isPending}>
            Change the password
          </button>
        </div>
      </form>
    </Panel>
  );
}
