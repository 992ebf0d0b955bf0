import { type AdminDeliveryBody, deliveryStatuses } from '@darkroom/contracts/admin';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { pages } from '../api/queries.js';
import { Filters, SelectFilter, useFilters } from '../components/filters.js';
import { IdLink } from '../components/id-link.js';
import { MoreButton } from '../components/more-button.js';
import { Empty, Loaded } from '../components/states.js';
import { Table } from '../components/table.js';
import { TimeAgo } from '../components/time-ago.js';
import { Panel } from '../shell/page.js';
import { DeliveryStatus, lastInWords } from './delivery-words.js';

const REFRESH_MS = 5_000;
const PAGE = 20;

/** What was and will be sent to a webhook, the newest first. */
export function DeliveryList({ webhook }: { webhook: string }) {
  const filters = useFilters(['status']);
  const query = useInfiniteQuery({
    ...pages<AdminDeliveryBody>(`webhooks/${webhook}/deliveries`, { ...filters.values, limit: PAGE }),
    refetchInterval: REFRESH_MS,
    // It is asked for again soon anyway; until then it says what is wrong.
    retry: false,
  });
  return (
    <>
      <Filters>
        <SelectFilter filters={filters} name="status" label="State" options={deliveryStatuses} />
      </Filters>
      <Panel title="Deliveries">
        <Loaded query={query}>
          {(deliveries) =>
            deliveries.length === 0 && !query.hasNextPage ? (
              <Empty>
                {filters.isSet
                  ? 'No delivery stands so.'
                  : 'Nothing was sent to it in the last days: deliveries are kept for three days after their end.'}
              </Empty>
            ) : (
              <Table
                caption="Deliveries"
                rows={deliveries}
                rowKey={({ id }) => id}
                columns={[
                  { title: 'Event', cell: ({ id, type }) => <Link to={`/webhooks/${webhook}/deliveries/${id}`}>{type}</Link> },
                  { title: 'State', cell: ({ status }) => <DeliveryStatus status={status} /> },
                  { title: 'Generation', cell: ({ generation }) => <IdLink id={generation} /> },
                  { title: 'Attempts', isNumber: true, cell: ({ attempts }) => attempts.length },
                  { title: 'Last answer', cell: lastInWords },
                  { title: 'Last tried', cell: ({ attempts }) => <TimeAgo at={attempts.at(-1)?.at} /> },
                  { title: 'Next', cell: ({ next_attempt_at }) => <TimeAgo at={next_attempt_at} /> },
                  { title: 'Made', cell: ({ created_at }) => <TimeAgo at={created_at} /> },
                ]}
              />
            )
          }
        </Loaded>
        <MoreButton query={query} />
      </Panel>
    </>
  );
}
