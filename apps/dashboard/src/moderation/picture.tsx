import type { WholeReviewBody } from '@darkroom/contracts/admin';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { request } from '../api/request.js';
import { Empty, Failure } from '../components/states.js';
import { useMay } from '../session/session.js';
import { Panel } from '../shell/page.js';

/** The picture that was judged. It isn't even loaded before somebody asks for it; that they did is in the audit log. */
export function Picture({ review: { decision_id, image } }: { review: WholeReviewBody }) {
  const may = useMay();
  const [url, setUrl] = useState<string>();
  const reveal = useMutation({
    mutationFn: async () => await (await request('POST', `reviews/${decision_id}/reveal`, { body: {} })).blob(),
    onSuccess: (blob) => setUrl(URL.createObjectURL(blob)),
  });
  useEffect(() => () => void (url && URL.revokeObjectURL(url)), [url]);
  return (
    <Panel title="Picture">
      {image === null ? (
        <Empty>No picture is kept: it was about a prompt, was refused, or is gone.</Empty>
      ) : url === undefined ? (
        <div className="covered">
          {may('review') ? (
            <button type="button" disabled={reveal.isPending} onClick={() => reveal.mutate()}>
              Show the picture
            </button>
          ) : (
            <p>Reviewers can have it shown.</p>
          )}
          <p className="hint">It may be disturbing. That you looked is written into the audit log.</p>
        </div>
      ) : (
        <>
          <img className="revealed" src={url} alt="What was judged" />
          <button type="button" onClick={() => setUrl(undefined)}>
            Cover it again
          </button>
        </>
      )}
      {reveal.error !== null && <Failure error={reveal.error} />}
    </Panel>
  );
}
