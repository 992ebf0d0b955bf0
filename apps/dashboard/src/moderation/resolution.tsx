import type { WholeReviewBody } from '@darkroom/contracts/admin';
import { type SyntheticEvent, useId, useRef, useState } from 'react';
import { useChange } from '../api/queries.js';
import { send } from '../api/request.js';
import { Field, FormError } from '../components/field.js';
import { useShortcuts } from './shortcuts.js';

type Outcome = 'approve' | 'reject';

const words: Readonly<Record<Outcome, { title: string; about: string; done: string }>> = {
  approve: { title: 'Approve', about: 'It may pass: held images are let go.', done: 'Approved.' },
  reject: { title: 'Reject', about: 'It may not pass. Only an appeal opens the review again.', done: 'Rejected.' },
};

/** Ends a review, with what the tenant is told. */
export function Resolution({ review, onDone }: { review: WholeReviewBody; onDone: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const [outcome, setOutcome] = useState<Outcome>('approve');
  const [reason, setReason] = useState('');
  const resolve = useChange(
    (outcome: Outcome) => send<WholeReviewBody>('POST', `reviews/${review.decision_id}/resolve`, { outcome, reason }),
    { changed: ['reviews', 'audit'], done: (_, outcome) => words[outcome].done },
  );
  const ask = (outcome: Outcome) => {
    setOutcome(outcome);
    dialog.current?.showModal();
  };
  useShortcuts({ a: () => ask('approve'), r: () => ask('reject') });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    resolve.mutate(outcome, {
      onSuccess: () => {
        dialog.current?.close();
        onDone();
      },
    });
  };
  return (
    <div className="actions">
      <button type="button" className="primary" onClick={() => ask('approve')}>
        Approve <kbd>a</kbd>
      </button>
      <button type="button" onClick={() => ask('reject')}>
        Reject <kbd>r</kbd>
      </button>
      <dialog ref={dialog} aria-labelledby={titleId}>
        <h2 id={titleId}>{words[outcome].title}</h2>
        <p>{words[outcome].about}</p>
        <form onSubmit={submit}>
          <Field label="Reason" hint="The tenant is told this." param="reason" error={resolve.error}>
            {(ids) => <textarea {...ids} rows={3} required value={reason} onChange={({ target }) => setReason(target.value)} />}
          </Field>
          <FormError error={resolve.error} params={['reason']} />
          <div className="actions end">
            <button type="button" onClick={() => dialog.current?.close()}>
              Cancel
            </button>
            <button type="submit" className="primary" disabled={resolve.isPending}>
              {words[outcome].title}
            </button>
          </div>
        </form>
      </dialog>
    </div>
  );
}
