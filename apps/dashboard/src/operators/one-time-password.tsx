import type { OperatorWithPasswordBody } from '@darkroom/contracts/admin';
import { useState } from 'react';

/** A password that was just made, which is shown this once. */
export function OneTimePassword({ made: { name, password }, onDone }: { made: OperatorWithPasswordBody; onDone: () => void }) {
  const [isCopied, setIsCopied] = useState(false);
  return (
    <>
      <p role="status">This is the password of {name}. Copy it now: it is shown this once, and kept nowhere.</p>
      <code className="secret">{password}</code>
      <div className="actions end">
        <button
          type="button"
          className="primary"
          onClick={() => void navigator.clipboard.writeText(password).then(() => setIsCopied(true))}
        >
          {isCopied ? 'Copied' : 'Copy the password'}
        </button>
        <button type="button" onClick={onDone}>
          Done
        </button>
      </div>
    </>
  );
}
