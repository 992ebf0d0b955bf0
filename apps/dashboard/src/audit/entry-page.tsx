import type { AuditEntryBody } from '@darkroom/contracts/admin';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link, useParams } from 'react-router';
import { resource } from '../api/queries.js';
import { CopyId } from '../components/copy-id.js';
import { IdLink } from '../components/id-link.js';
import { Loaded } from '../components/states.js';
import { Facts } from '../components/table.js';
import { TimeAgo } from '../components/time-ago.js';
import { inPlainWords } from '../components/words.js';
import { Page, Panel } from '../shell/page.js';
import { Outcome, summaryOf } from './entry-words.js';
import { Scores } from './scores.js';

/** One entry of the audit log, whole. */
export function EntryPage() {
  const { id = '' } = useParams();
  const query = useQuery(resource<AuditEntryBody>(`audit/${id}`));
  return (
    <Page title="Audit entry" about={<Link to="/audit">The audit log</Link>}>
      <Loaded query={query}>
        {(entry) => (
          <>
            <div className="panels">
              <Panel title={summaryOf(entry)} actions={<Outcome entry={entry} />}>
                <Facts
                  facts={[
                    ['Number', entry.sequence],
                    ['Id', <CopyId key="id" id={entry.id} />],
                    ['When', <TimeAgo key="at" at={entry.at} />],
                    ['Kind', entry.kind],
                    ['Hash', <CopyId key="hash" id={entry.hash} what="hash" />],
                  ]}
                />
              </Panel>
              <Panel title="What it says">
                <Facts facts={factsOf(entry)} />
              </Panel>
            </div>
            {entry.decision !== undefined && <Scores decision={entry.decision} />}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function factsOf({ id: decisionId, decision, review, policy, operator }: AuditEntryBody): (readonly [string, ReactNode])[] {
  if (decision !== undefined) {
    return [
      ['Stage', inPlainWords(decision.stage)],
      ['Action', decision.action],
      ['Category', decision.category === null ? null : inPlainWords(decision.category)],
      ['Rule', decision.reason],
      ['Level', decision.level],
      ['Generation', <IdLink key="generation" id={decision.generation_id || null} />],
      ['Tenant', <IdLink key="tenant" id={decision.tenant} />],
      ['Key', <IdLink key="key" id={decision.key} />],
      ['Policy', <CopyId key="policy" id={decision.policy_digest} what="digest" />],
      ['Policy’s version', decision.policy_version],
      [
        'Review',
        <Link key="review" to={`/moderation/${decisionId}`}>
          Where there is one
        </Link>,
      ],
      ['Classifiers', decision.classifiers.join(', ')],
      ['Their thresholds', decision.calibration],
      ['Time taken', `${decision.latency_ms.toFixed(1)} ms`],
      ['Content’s HMAC', <CopyId key="hmac" id={decision.content_hmac} what="HMAC" />],
    ];
  }
  if (review !== undefined) {
    return [
      ['Act', review.act],
      ['By', review.reviewer ?? 'the tenant'],
      [
        'Review',
        <Link key="review" to={`/moderation/${review.decision_id}`}>
          Of the decision
        </Link>,
      ],
      ['Decision', <IdLink key="decision" id={review.decision_id} />],
      ['Generation', <IdLink key="generation" id={review.generation_id} />],
      ['Text’s SHA-256', review.text_sha256],
    ];
  }
  if (policy !== undefined) {
    return [
      ['Act', policy.act],
      ['By', policy.author],
      ['Tenant', <IdLink key="tenant" id={policy.tenant} />],
      ['Policy', policy.digest === null ? 'default' : <CopyId key="digest" id={policy.digest} what="digest" />],
    ];
  }
  if (operator !== undefined) {
    return [
      ['Action', operator.action],
      ['By', `${operator.name} (${operator.role}, by ${operator.via})`],
      ['To', <IdLink key="subject" id={operator.subject} />],
      ['Outcome', operator.outcome],
      ...Object.entries(operator.facts),
    ];
  }
  return [['Content', 'Nobody can read this entry; it is kept as it came.']];
}
