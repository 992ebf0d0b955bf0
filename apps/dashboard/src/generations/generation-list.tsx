import { type AdminGenerationBody, errorCodes, journalStatuses } from '@darkroom/contracts/admin';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useLiveGenerations } from '../api/live.js';
import { pages } from '../api/queries.js';
import { shortened } from '../components/copy-id.js';
import { DayFilter, Filters, SelectFilter, TenantFilter, TextFilter, useFilters } from '../components/filters.js';
import { IdLink } from '../components/id-link.js';
import { MoreButton } from '../components/more-button.js';
import { Empty, Loaded } from '../components/states.js';
import { Table } from '../components/table.js';
import { TimeAgo } from '../components/time-ago.js';
import { inPlainWords } from '../components/words.js';
import { useMay } from '../session/session.js';
import { Page, Panel } from '../shell/page.js';
import { useTenantNames } from '../tenants/tenant-names.js';
import { momentsOf } from './days.js';
import { between, duration } from './durations.js';
import { GenerationStatus } from './generation-status.js';
import { Thumbnail } from './pictures.js';
import { stepsInWords } from './steps-in-words.js';

/** What was not told while it happened is seen within so long. */
const REFRESH_MS = 15_000;
const PAGE = 50;
const names = ['id', 'status', 'error', 'tenant', 'model', 'key', 'worker', 'from', 'to'] as const;

/** All tenants' generations, the newest first, as they come and go. */
export function GenerationList() {
  const may = useMay();
  const tenants = useTenantNames();
  const filters = useFilters(names);
  const { from, to, ...others } = filters.values;
  useLiveGenerations('generations');
  const query = useInfiniteQuery({
    ...pages<AdminGenerationBody>('generations', { ...others, ...momentsOf(from, to), limit: PAGE }, ({ id }) => ({
      before: id,
    })),
    refetchInterval: REFRESH_MS,
    placeholderData: (before) => before,
  });
  return (
    <Page title="Generations" about="What was asked for, and what became of it. The list follows what happens.">
      <Filters>
        <SelectFilter filters={filters} name="status" label="State" options={journalStatuses} />
        <SelectFilter filters={filters} name="error" label="Error" options={errorCodes} all="Any or none" />
        <TenantFilter filters={filters} />
        <TextFilter filters={filters} name="model" label="Model" />
        <TextFilter filters={filters} name="id" label="Id" placeholder="gen_…" />
        <TextFilter filters={filters} name="key" label="Key" placeholder="key_…" />
        <TextFilter filters={filters} name="worker" label="Worker" />
        <DayFilter filters={filters} name="from" label="From" max={to} />
        <DayFilter filters={filters} name="to" label="To" min={from} />
      </Filters>
      <Panel title="Generations">
        <Loaded query={query}>
          {(generations) =>
            generations.length === 0 ? (
              <Empty>{filters.isSet ? 'No generation is like that.' : 'Nothing was asked for yet.'}</Empty>
            ) : (
              <Table
                caption="Generations"
                rows={generations}
                rowKey={({ id }) => id}
                columns={[
                  { title: 'State', cell: (one) => <GenerationStatus generation={one} /> },
                  { title: 'Error', cell: ({ error }) => error && inPlainWords(error.code) },
                  { title: 'Id', cell: ({ id }) => <IdLink id={id} /> },
                  { title: 'Made', cell: ({ created_at }) => <TimeAgo at={created_at} /> },
                  { title: 'Took', isNumber: true, cell: tookOf },
                  {
                    title: 'Tenant',
                    cell: ({ tenant }) => <Link to={`/tenants/${tenant}`}>{tenants.get(tenant) ?? shortened(tenant)}</Link>,
                  },
                  { title: 'Model', cell: ({ model }) => model },
                  { title: 'Asked for', cell: whatOf },
                  ...(may('content')
                    ? [
                        {
                          title: 'Picture',
                          cell: (one: AdminGenerationBody) => one.status === 'succeeded' && <Thumbnail id={one.id} />,
                        },
                      ]
                    : []),
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

function tookOf({ created_at, ended_at }: AdminGenerationBody): string {
  return ended_at === null ? '…' : duration(between(created_at, ended_at, 0) ?? 0);
}

function whatOf({ kind, image_count, width, height, steps }: AdminGenerationBody): string {
  return `${kind === 'edit' ? 'edit, ' : ''}${image_count} × ${width}×${height}, ${stepsInWords(steps)}`;
}
