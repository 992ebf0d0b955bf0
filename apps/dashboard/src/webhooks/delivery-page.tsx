import type { AdminDeliveryBody } from '@darkroom/contracts/admin';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { resource, useChange } from '../api/queries.js';
import { send } from '../api/request.js';
import { ConfirmButton } from '../components/confirm-button.js';
import { CopyId } from '../components/copy-id.js';
import { IdLink } from '../components/id-link.js';
import { Failure, Loaded } from '../components/states.js';
import { Facts, Table } from '../components/table.js';
import { TimeAgo } from '../components/time-ago.js';
import { useMay } from '../session/session.js';
import { Page, Panel } from '../shell/page.js';
import { attemptInWords, DeliveryStatus, lastInWords } from './delivery-words.js';

/** One that waits changes by itself; one that has ended may be sent again by its tenant. */
const REFRESH_MS = 2_000;
const ENDED_REFRESH_MS = 15_000;

/** One message to a webhook, with all attempts at it. */
export function DeliveryPage() {
  const { id = '', delivery = '' } = useParams();
  const may = useMay();
  const query = useQuery({
    ...resource<AdminDeliveryBody>(`webhooks/${id}/deliveries/${delivery}`),
    refetchInterval: ({ state: { data } }) => (data?.status === 'pending' ? REFRESH_MS : ENDED_REFRESH_MS),
    // It is asked for again soon anyway; until then it says what is wrong.
    retry: false,
  });
  const { data } = query;
  return (
    <Page
      title="Delivery"
      about={<Link to={`/webhooks/${id}`}>The webhook</Link>}
      actions={data !== undefined && may('operate') && <SendAgain delivery={data} />}
    >
      <Loaded query={query}>{(found) => <DeliveryParts delivery={found} />}</Loaded>
    </Page>
  );
}

function DeliveryParts({ delivery }: { delivery: AdminDeliveryBody }) {
  const { id, type, generation, status, created_at, next_attempt_at, attempts } = delivery;
  return (
    <>
      <Panel title={type}>
        <Facts
          facts={[
            ['State', <DeliveryStatus key="state" status={status} />],
            ['Last answer', lastInWords(delivery)],
            ['Next attempt', next_attempt_at === null ? null : <TimeAgo key="next" at={next_attempt_at} />],
            ['Generation', <IdLink key="generation" id={generation} />],
            ['Made', <TimeAgo key="made" at={created_at} />],
            ['Id', <CopyId key="id" id={id} />],
          ]}
        />
      </Panel>
      <Panel title="Attempts">
        {attempts.length === 0 ? (
          <p className="hint">It was not tried yet.</p>
        ) : (
          <Table
            caption="Attempts"
            rows={attempts.toReversed()}
            rowKey={({ at }) => at}
            columns={[
              { title: 'When', cell: ({ at }) => <TimeAgo at={at} /> },
              { title: 'Took', isNumber: true, cell: ({ duration_ms }) => `${duration_ms} ms` },
              { title: 'What came of it', cell: attemptInWords },
            ]}
          />
        )}
      </Panel>
    </>
  );
}

function SendAgain({ delivery: { id, webhook } }: { delivery: AdminDeliveryBody }) {
  const replay = useChange(() => send<AdminDeliveryBody>('POST', `webhooks/${webhook}/deliveries/${id}/replay`), {
    changed: [`webhooks/${webhook}/deliveries`],
    done: 'It is sent again.',
  });
  return (
    <>
      <ConfirmButton
        label="Send again"
        title="Send this message again?"
        disabled={replay.isPending}
        onConfirm={() => replay.mutate(undefined)}
      >
        It is sent now, under the same id, by which a receiver knows what it has had already. If it had ended, it is tried as
        often as at first.
      </ConfirmButton>
      {replay.error !== null && <Failure error={replay.error} />}
    </>
  );
}
