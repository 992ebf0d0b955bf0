import type { ListBody, ReviewBody, WholeReviewBody } from '@darkroom/contracts/admin';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useLocation, useNavigate, useParams } from 'react-router';
import { resource } from '../api/queries.js';
import { Scores } from '../audit/scores.js';
import { CopyId } from '../components/copy-id.js';
import { IdLink } from '../components/id-link.js';
import { Loaded } from '../components/states.js';
import { Facts } from '../components/table.js';
import { TimeAgo } from '../components/time-ago.js';
import { inPlainWords } from '../components/words.js';
import { useMay } from '../session/session.js';
import { useNotify } from '../shell/notices.js';
import { Page, Panel } from '../shell/page.js';
import { Picture } from './picture.js';
import { Resolution } from './resolution.js';
import { ReviewBadge, severityInWords } from './review-badge.js';
import { ReviewNotes } from './review-notes.js';
import { useShortcuts } from './shortcuts.js';

/** One review: what was decided and why, the picture, and what a person makes of it. */
export function ReviewPage() {
  const { id = '' } = useParams();
  const { search } = useLocation();
  const query = useQuery(resource<WholeReviewBody>(`reviews/${id}`));
  const next = useNext(id);
  useShortcuts({ n: next });
  return (
    <Page
      title="Review"
      about={<Link to={`/moderation${search}`}>All reviews</Link>}
      actions={
        <button type="button" onClick={() => void next()}>
          Next <kbd>n</kbd>
        </button>
      }
    >
      <Loaded query={query}>{(review) => <ReviewParts key={review.decision_id} review={review} next={next} />}</Loaded>
    </Page>
  );
}

function ReviewParts({ review, next }: { review: WholeReviewBody; next: () => Promise<void> }) {
  const may = useMay();
  const { entry, category } = review;
  return (
    <>
      <div className="panels">
        <Picture review={review} />
        <Panel title="What was decided" actions={<ReviewBadge review={review} />}>
          <Facts
            facts={[
              ['Stage', inPlainWords(review.stage)],
              ['Action', review.action],
              ['Category', category === null ? null : inPlainWords(category)],
              ['Severity', severityInWords(review)],
              ['Rule', review.rule],
              ['When', <TimeAgo key="at" at={entry.at} />],
              ['Tenant', <IdLink key="tenant" id={review.tenant} />],
              ['Generation', <IdLink key="generation" id={review.generation_id} />],
              ['Decision', <CopyId key="decision" id={review.decision_id} />],
              [
                'Log',
                <Link key="log" to={`/audit/${review.decision_id}`}>
                  Entry {entry.sequence}
                </Link>,
              ],
            ]}
          />
          {review.appeal !== null && (
            <>
              <h3>
                The tenant’s appeal, <TimeAgo at={review.appealed_at} />
              </h3>
              <blockquote>{review.appeal}</blockquote>
            </>
          )}
          {review.reason !== null && (
            <>
              <h3>
                Told by {review.resolved_by}, <TimeAgo at={review.resolved_at} />
              </h3>
              <blockquote>{review.reason}</blockquote>
            </>
          )}
          {may('review') && review.status === 'open' && <Resolution review={review} onDone={() => void next()} />}
        </Panel>
      </div>
      {entry.decision !== undefined && <Scores decision={entry.decision} />}
      <ReviewNotes review={review} />
    </>
  );
}

/** Goes to the review after this one, of those that the list shows. */
function useNext(id: string): () => Promise<void> {
  const { search } = useLocation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const notify = useNotify();
  return async () => {
    const filter = Object.fromEntries(new URLSearchParams(search));
    const after = resource<ListBody<ReviewBody>>('reviews', { ...filter, after: id, limit: 1 });
    const { data } = await client.fetchQuery({ ...after, staleTime: 0 });
    const [following] = data;
    if (following === undefined) notify('That was the last one.');
    await navigate(following === undefined ? `/moderation${search}` : `/moderation/${following.decision_id}${search}`);
  };
}
