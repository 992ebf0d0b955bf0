import { type FormEvent, useId, useState } from 'react';

interface Props {
  readonly wasRefused: boolean;
  readonly onKey: (key: string) => void;
}

/** Asks for the API key that this browser works with. */
export function KeyForm({ wasRefused, onKey }: Props) {
  const id = useId();
  const [key, setKey] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onKey(key.trim());
  };
  return (
    <form className="key-form" onSubmit={submit}>
      <h2>One key, and you are in</h2>
      {wasRefused && <p role="alert">That key is not valid any more.</p>}
      <label htmlFor={id}>API key</label>
      <input
        id={id}
        type="password"
        autoComplete="off"
        required
        value={key}
        placeholder="dk_…"
        onChange={({ target }) => setKey(target.value)}
      />
      <p className="hint">
        <code>npm start</code> prints one, and <code>npm run keys -- create --name playground</code> makes another. It stays in
        this browser.
      </p>
      <button type="submit" className="primary">
        Enter
      </button>
    </form>
  );
}
