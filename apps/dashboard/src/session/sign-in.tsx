import { Page } from '../shell/page.js';

/** Shown to whoever is not signed in. */
export function SignIn() {
  return (
    <main className="entrance">
      <Page title="Sign in">
        <p>You are not signed in.</p>
      </Page>
    </main>
  );
}
