import type { AuditEntryBody, GenerationDeliveryBody, Part } from '@darkroom/contracts/admin';
import { Link } from 'react-router';
import { Outcome, summaryOf } from '../audit/entry-words.js';
import { Table } from '../components/table.js';
import { TimeAgo } from '../components/time-ago.js';
import { Panel } from '../shell/page.js';
import { attemptInWords, DeliveryStatus } from '../webhooks/delivery-words.js';
import { PartOf } from './part-of.js';

/** What moderation decided about a generation. */
export function Decisions({ part }: { part: Part<readonly AuditEntryBody[]> }) {
  return (
    <Panel title="Moderation">
      <PartOf part={part} none="Nothing was judged.">
        {(entries) =>
          entries.length === 0 ? (
            <p className="hint">Nothing of it was judged yet.</p>
          ) : (
            <Table
              caption="Decisions of moderation"
              rows={entries}
              rowKey={({ id }) => id}
              columns={[
                { title: 'What', cell: (entry) => <Link to={`/audit/${entry.id}`}>{summaryOf(entry)}</Link> },
                { title: 'Action', cell: (entry) => <Outcome entry={entry} /> },
                { title: 'Highest score', isNumber: true, cell: ({ decision }) => highest(decision?.scores ?? []) },
                { title: 'When', cell: ({ at }) => <TimeAgo at={at} /> },
              ]}
            />
          )
        }
      </PartOf>
    </Panel>
  );
}

/** Which webhooks were told of a generation's end. */
export function Deliveries({ part }: { part: Part<readonly GenerationDeliveryBody[]> }) {
  return (
    <Panel title="Webhooks">
      <PartOf part={part} none="No webhook was told.">
        {(deliveries) =>
          deliveries.length === 0 ? (
            <p className="hint">No webhook was told of its end.</p>
          ) : (
            <Table
              caption="Deliveries to webhooks"
              rows={deliveries}
              rowKey={({ webhook }) => webhook}
              columns={[
                {
                  title: 'Address',
                  cell: ({ webhook, delivery, url }) => <Link to={`/webhooks/${webhook}/deliveries/${delivery}`}>{url}</Link>,
                },
                { title: 'State', cell: ({ status }) => <DeliveryStatus status={status} /> },
                { title: 'Attempts', isNumber: true, cell: ({ attempts }) => attempts },
                { title: 'Last answer', cell: (last) => (last.attempts === 0 ? 'not tried yet' : attemptInWords(last)) },
              ]}
            />
          )
        }
      </PartOf>
    </Panel>
  );
}

/** Scores below are noise. */
const LEAST_SCORE = 0.005;

function highest(scores: readonly { readonly category: string; readonly score: number }[]): string {
  const top = scores.reduce<{ category: string; score: number } | undefined>(
    (best, one) => (best === undefined || one.score > best.score ? one : best),
    undefined,
  );
  return top === undefined || top.score < LEAST_SCORE ? '—' : `${top.score.toFixed(2)} ${top.category.replaceAll('_', ' ')}`;
}
