import type { VerificationBody } from '@darkroom/contracts/admin';
import { useMutation } from '@tanstack/react-query';
import { type SyntheticEvent, useState } from 'react';
import { addressOf, send } from '../api/request.js';
import { Badge } from '../components/badge.js';
import { CopyId } from '../components/copy-id.js';
import { Failure } from '../components/states.js';
import { Panel } from '../shell/page.js';

/** Has the whole log read, and tells whether it is as it was written. */
export function Verification() {
  const [anchor, setAnchor] = useState('');
  const verify = useMutation({
    mutationFn: async () => {
      const [sequence, hash] = anchor.trim() === '' ? [] : anchor.trim().split(':');
      return await send<VerificationBody>('GET', addressOf('audit/verify', { sequence, hash }).slice('/admin/v1/'.length));
    },
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    verify.mutate();
  };
  return (
    <Panel title="Is it as it was written?">
      <form onSubmit={submit} className="filters">
        <label>
          Anchor kept elsewhere (optional)
          <input placeholder="number:hash" value={anchor} onChange={({ target }) => setAnchor(target.value)} />
        </label>
        <button type="submit" disabled={verify.isPending}>
          {verify.isPending ? 'Reading the log…' : 'Verify the log'}
        </button>
      </form>
      <div aria-live="polite">
        {verify.error !== null && <Failure error={verify.error} />}
        {verify.data !== undefined && <Result found={verify.data} />}
      </div>
    </Panel>
  );
}

function Result({ found: { intact, entries, hash, problems } }: { found: VerificationBody }) {
  if (entries === 0) return <p>The log is empty.</p>;
  return (
    <div className="stack">
      <p>
        <Badge tone={intact ? 'good' : 'bad'}>{intact ? 'intact' : 'changed'}</Badge>{' '}
        {intact ? `All ${entries.toLocaleString('en')} entries are as they were written.` : 'The log is not as it was written:'}
      </p>
      {problems.length > 0 && (
        <ul>
          {problems.map(({ sequence, what }) => (
            <li key={`${sequence} ${what}`}>
              Entry {sequence}: {what}
            </li>
          ))}
        </ul>
      )}
      <p>
        Keep this anchor somewhere else, and give it to a later verification: <CopyId id={`${entries}:${hash}`} what="anchor" />
      </p>
    </div>
  );
}
