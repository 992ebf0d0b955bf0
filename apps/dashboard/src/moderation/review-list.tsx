import { type ReviewBody, reviewStatuses } from '@darkroom/contracts/admin';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useLocation, useNavigate } from 'react-router';
import { pages } from '../api/queries.js';
import { Filters, SelectFilter, TenantFilter, useFilters } from '../components/filters.js';
import { MoreButton } from '../components/more-button.js';
import { Empty, Loaded } from '../components/states.js';
import { TimeAgo } from '../components/time-ago.js';
import { actions, categories, inPlainWords, stages } from '../components/words.js';
import { Page } from '../shell/page.js';
import { useTenantNames } from '../tenants/tenant-names.js';
import { ReviewBadge, severityInWords } from './review-badge.js';
import { useShortcuts } from './shortcuts.js';

/** What people are to look at, the oldest first. */
export function ReviewList() {
  const tenants = useTenantNames();
  const filters = useFilters(['status', 'tenant', 'stage', 'action', 'category', 'appealed']);
  const query = useInfiniteQuery(pages<ReviewBody>('reviews', filters.values, ({ decision_id }) => ({ after: decision_id })));
  const { search } = useLocation();
  const navigate = useNavigate();
  const first = query.data?.[0];
  useShortcuts({ n: () => first !== undefined && void navigate(`/moderation/${first.decision_id}${search}`) });
  return (
    <Page
      title="Moderation"
      about="Images that were delivered blurred, and decisions that tenants appealed against, the oldest first."
      actions={
        <Link className="button" to="/moderation/policies">
          Policies
        </Link>
      }
    >
      <Filters>
        <SelectFilter filters={filters} name="status" label="Status" options={[...reviewStatuses, 'all']} all="open" />
        <TenantFilter filters={filters} />
        <SelectFilter filters={filters} name="stage" label="Stage" options={stages} />
        <SelectFilter filters={filters} name="action" label="Action" options={actions} />
        <SelectFilter filters={filters} name="category" label="Category" options={categories} />
        <SelectFilter filters={filters} name="appealed" label="Appealed" options={['true', 'false']} />
      </Filters>
      <Loaded query={query}>
        {(reviews) =>
          reviews.length === 0 ? (
            <Empty>{filters.isSet ? 'No review is like that.' : 'Nothing waits for a person.'}</Empty>
          ) : (
            <>
              {reviews.length > 0 && (
                <p className="hint">
                  <kbd>n</kbd> opens the first.
                </p>
              )}
              <ul className="cards">
                {reviews.map((review) => (
                  <li key={review.decision_id} className="panel">
                    <div className="panel-head">
                      <Link to={`/moderation/${review.decision_id}${search}`}>
                        {inPlainWords(review.stage)}
                        {review.category !== null && `: ${inPlainWords(review.category)}`}
                      </Link>
                      <ReviewBadge review={review} />
                    </div>
                    <p>
                      {review.action}
                      {review.severity !== null && `, severity ${severityInWords(review)}`}
                      {review.rule !== null && (
                        <>
                          , by <code>{review.rule}</code>
                        </>
                      )}
                    </p>
                    {review.appeal !== null && <blockquote>{review.appeal}</blockquote>}
                    <p className="hint">
                      {tenants.get(review.tenant) ?? 'A tenant'}, <TimeAgo at={review.opened_at} />
                    </p>
                  </li>
                ))}
              </ul>
            </>
          )
        }
      </Loaded>
      <MoreButton query={query} />
    </Page>
  );
}
