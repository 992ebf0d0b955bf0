import type { AdminUsageSummaryBody } from '@darkroom/contracts/admin';
import { useQuery } from '@tanstack/react-query';
import { resource } from '../api/queries.js';
import { addressOf } from '../api/request.js';
import { DayFilter, Filters, SelectFilter, TenantFilter, useFilters } from '../components/filters.js';
import { Empty, Loaded } from '../components/states.js';
import { Page, Panel } from '../shell/page.js';
import { dimensions } from './usage-sums.js';
import { UsageView } from './usage-view.js';

/** What was made and what it took, by days and more. */
export function Usage() {
  const filters = useFilters(['from', 'to', 'tenant', 'by']);
  const { tenant } = filters.values;
  const today = new Date().toISOString().slice(0, 10);
  const from = filters.values.from || `${today.slice(0, 8)}01`;
  const to = filters.values.to || today;
  const by = dimensions.find((one) => one === filters.values.by);
  const params = { from, to, tenant, group_by: by === undefined ? 'day' : `day,${by}` };
  const query = useQuery(resource<AdminUsageSummaryBody>('usage/summary', params));
  return (
    <Page
      title="Usage"
      about="From the ledger, by days of UTC."
      actions={
        <a
          className="button"
          href={addressOf('usage/summary', { ...params, format: 'csv' })}
          download={`usage-${from}-${to}.csv`}
        >
          Download CSV
        </a>
      }
    >
      <Filters>
        <DayFilter filters={filters} name="from" label="From" value={from} max={to} />
        <DayFilter filters={filters} name="to" label="To" value={to} min={from} />
        <TenantFilter filters={filters} />
        <SelectFilter filters={filters} name="by" label="Also by" options={dimensions} all="Nothing else" />
      </Filters>
      <Loaded query={query}>
        {({ data, from, to, device_price_per_hour: pricePerHour }) =>
          data.length === 0 ? (
            <Panel title="Usage">
              <Empty>Nothing was made in this time.</Empty>
            </Panel>
          ) : (
            <UsageView lines={data} from={from} to={to} by={by} pricePerHour={pricePerHour} />
          )
        }
      </Loaded>
    </Page>
  );
}
