import type { WholeReviewBody } from '@darkroom/contracts/admin';
import { type SyntheticEvent, useState } from 'react';
import { useChange } from '../api/queries.js';
import { send } from '../api/request.js';
import { summaryOf } from '../audit/entry-words.js';
import { Field, FormError } from '../components/field.js';
import { Empty } from '../components/states.js';
import { TimeAgo } from '../components/time-ago.js';
import { useMay } from '../session/session.js';
import { Panel } from '../shell/page.js';

/** What reviewers tell one another, and all that was done. */
export function ReviewNotes({ review }: { review: WholeReviewBody }) {
  const may = useMay();
  const [text, setText] = useState('');
  const note = useChange(() => send<WholeReviewBody>('POST', `reviews/${review.decision_id}/notes`, { text }), {
    changed: ['reviews'],
    done: 'The note is kept.',
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    note.mutate(undefined, { onSuccess: () => setText('') });
  };
  return (
    <div className="panels">
      <Panel title="Notes">
        {review.notes.length === 0 && <p className="hint">Nobody has left a note.</p>}
        {review.notes.map(({ id, reviewer, text, created_at }) => (
          <div key={id}>
            <p className="hint">
              {reviewer}, <TimeAgo at={created_at} />
            </p>
            <p>{text}</p>
          </div>
        ))}
        {may('review') && (
          <form onSubmit={submit}>
            <Field label="Note" hint="For other reviewers; the tenant doesn’t see it." param="text" error={note.error}>
              {(ids) => <textarea {...ids} rows={2} required value={text} onChange={({ target }) => setText(target.value)} />}
            </Field>
            <FormError error={note.error} params={['text']} />
            <div className="actions">
              <button type="submit" disabled={note.isPending}>
                Leave the note
              </button>
            </div>
          </form>
        )}
      </Panel>
      <Panel title="What was done">
        {review.acts.length === 0 ? (
          <Empty>Nothing yet.</Empty>
        ) : (
          <ul className="plain">
            {review.acts.map((entry) => (
              <li key={entry.id}>
                {summaryOf(entry)}, <TimeAgo at={entry.at} />
              </li>
            ))}
          </ul>
        )}
      </Panel>
    </div>
  );
}
