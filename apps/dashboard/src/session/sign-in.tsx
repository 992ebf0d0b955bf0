import type { SessionBody } from '@darkroom/contracts/admin';
import { useQueryClient } from '@tanstack/react-query';
import { type SyntheticEvent, useState } from 'react';
import { useLocation, useSearchParams } from 'react-router';
import { useChange } from '../api/queries.js';
import { addressOf, send } from '../api/request.js';
import { Field, FormError } from '../components/field.js';
import { Page } from '../shell/page.js';
import './session.css';

/** Why the OpenID provider's answer let nobody in, by what the control plane calls it. */
const refusals: Readonly<Record<string, string>> = {
  cancelled: 'You cancelled the sign-in.',
  expired: 'The sign-in took too long, or was begun in another browser. Begin again.',
  'no-role': 'You are known there, but none of your groups has a role here. Ask an admin of Darkroom.',
  unreachable: 'The provider can’t be reached. Try again later.',
  failed:
    'The provider’s answer could not be trusted. Begin again; if it stays so, ask an admin to look at the control plane’s log.',
};

/** Shown to whoever is not signed in, at the address that they wanted to. */
export function SignIn({ session: { ways, provider } }: { session: SessionBody }) {
  const [params] = useSearchParams();
  const refusal = refusals[params.get('sign_in') ?? ''];
  return (
    <main className="entrance">
      <div className="sign-in">
        <Page title="Sign in" about="To Darkroom’s dashboard, for those who run it.">
          {refusal !== undefined && (
            <p role="alert" className="wrong">
              {refusal}
            </p>
          )}
          {ways.includes('oidc') && <ProviderLink provider={provider ?? 'your provider'} />}
          {ways.includes('password') && <PasswordForm />}
        </Page>
      </div>
    </main>
  );
}

function ProviderLink({ provider }: { provider: string }) {
  const { pathname, search } = useLocation();
  const returnTo = new URLSearchParams(search).has('sign_in') ? pathname : pathname + search;
  return (
    <>
      <a className="button primary" href={addressOf('session/oidc', { return_to: returnTo })}>
        Sign in with {provider}
      </a>
      <p className="or hint">or with a password</p>
    </>
  );
}

function PasswordForm() {
  const client = useQueryClient();
  const [form, setForm] = useState({ name: '', password: '' });
  const signIn = useChange((body: typeof form) => send<SessionBody>('POST', 'session', body), { changed: [] });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    // What was asked for as nobody, or as somebody else, is forgotten.
    signIn.mutate(form, { onSuccess: () => void client.resetQueries() });
  };
  return (
    <form onSubmit={submit}>
      <Field label="Name" param="name" error={signIn.error}>
        {(ids) => (
          <input
            {...ids}
            required
            autoComplete="username"
            value={form.name}
            onChange={({ target }) => setForm({ ...form, name: target.value })}
          />
        )}
      </Field>
      <Field label="Password" param="password" error={signIn.error}>
        {(ids) => (
          <input
            {...ids}
            required
            type="password"
            autoComplete="current-password"
            value={form.password}
            onChange={({ target }) => setForm({ ...form, password: target.value })}
          />
        )}
      </Field>
      <FormError error={signIn.error} params={['name', 'password']} />
      <button type="submit" className="primary" disabled={signIn.isPending}>
        {signIn.isPending ? 'Signing in…' : 'Sign in'}
      </button>
    </form>
  );
}
