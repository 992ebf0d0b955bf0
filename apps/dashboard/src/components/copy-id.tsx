import { useState } from 'react';

/** An id or another text to be copied; long ones are cut in the middle, and copied whole. */
export function CopyId({ id, what = 'id' }: { id: string; what?: string }) {
  const [isCopied, setIsCopied] = useState(false);
  const copy = () =>
    void navigator.clipboard.writeText(id).then(() => {
      setIsCopied(true);
      setTimeout(() => setIsCopied(false), 2_000);
    });
  return (
    <span className="copy-id">
      <code title={id}>{shortened(id)}</code>
      <button type="button" className="quiet tiny" aria-label={`Copy ${what} ${shortened(id)}`} onClick={copy}>
        {isCopied ? 'Copied' : 'Copy'}
      </button>
      <span className="visually-hidden" role="status">
        {isCopied && 'Copied.'}
      </span>
    </span>
  );
}

/** An id short enough for a table: its beginning tells the kind, its end tells it from its neighbours. */
export function shortened(id: string): string {
  return id.length > 22 ? `${id.slice(0, 8)}…${id.slice(-6)}` : id;
}
