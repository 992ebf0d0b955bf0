import { type AuditEntryBody, auditKinds } from '@darkroom/contracts/admin';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { pages } from '../api/queries.js';
import { Filters, SelectFilter, TenantFilter, TextFilter, useFilters } from '../components/filters.js';
import { IdLink } from '../components/id-link.js';
import { MoreButton } from '../components/more-button.js';
import { Empty, Loaded } from '../components/states.js';
import { Table } from '../components/table.js';
import { TimeAgo } from '../components/time-ago.js';
import { actions, categories, stages } from '../components/words.js';
import { Page, Panel } from '../shell/page.js';
import { Outcome, subjectOf, summaryOf } from './entry-words.js';
import { Verification } from './verification.js';

/** The audit log: its entries, the newest first, and whether it is as it was written. */
export function EntryList() {
  const filters = useFilters(['kind', 'tenant', 'stage', 'action', 'category', 'generation_id']);
  const query = useInfiniteQuery(pages<AuditEntryBody>('audit', filters.values, ({ sequence }) => ({ before: sequence })));
  return (
    <Page title="Audit log" about="Every verdict of moderation, and what people did: it can only grow.">
      <Verification />
      <Filters>
        <SelectFilter filters={filters} name="kind" label="Kind" options={auditKinds} />
        <TenantFilter filters={filters} />
        <SelectFilter filters={filters} name="stage" label="Stage" options={stages} />
        <SelectFilter filters={filters} name="action" label="Action" options={actions} />
        <SelectFilter filters={filters} name="category" label="Category" options={categories} />
        <TextFilter filters={filters} name="generation_id" label="Generation" placeholder="gen_…" />
      </Filters>
      <Panel title="Entries">
        <Loaded query={query}>
          {(entries) =>
            entries.length === 0 ? (
              <Empty>{filters.isSet ? 'No entry is like that.' : 'The log is empty: nothing was judged or done yet.'}</Empty>
            ) : (
              <Table
                caption="Entries of the audit log"
                rows={entries}
                rowKey={({ sequence }) => sequence}
                columns={[
                  { title: 'No.', isNumber: true, cell: ({ sequence, id }) => <Link to={`/audit/${id}`}>{sequence}</Link> },
                  { title: 'When', cell: ({ at }) => <TimeAgo at={at} /> },
                  { title: 'Kind', cell: ({ kind }) => kind },
                  { title: 'What', cell: summaryOf },
                  { title: 'Outcome', cell: (entry) => <Outcome entry={entry} /> },
                  { title: 'About', cell: (entry) => <IdLink id={subjectOf(entry)} /> },
                ]}
              />
            )
          }
        </Loaded>
        <MoreButton query={query} />
      </Panel>
    </Page>
  );
}
