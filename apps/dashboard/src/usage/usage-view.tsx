import type { AdminUsageLineBody } from '@darkroom/contracts/admin';
import { type ReactNode, useState } from 'react';
import { Link } from 'react-router';
import { Chart } from '../components/chart.js';
import { shortened } from '../components/copy-id.js';
import { Table } from '../components/table.js';
import { Panel } from '../shell/page.js';
import { inShort } from '../tenants/limits.js';
import { useTenantNames } from '../tenants/tenant-names.js';
import { amount, priceOf } from './price.js';
import { byDay, type Dimension, daysOf, type NamedSums, type Sums, summed, total } from './usage-sums.js';

const STORED_PRICE = 'darkroom-price-per-million';

/** Lines that a chart has for what usage is shown by; the rest is in the table. */
const MOST_LINES = 4;

/** Sums of the time, a chart of its days, and a table. */
export function UsageView({
  lines,
  from,
  to,
  by,
  pricePerHour,
}: {
  lines: readonly AdminUsageLineBody[];
  from: string;
  to: string;
  by: Dimension | undefined;
  /** Of a device, where the platform knows it. */
  pricePerHour: number | null;
}) {
  const tenants = useTenantNames();
  const [entered, setEntered] = useState(() => localStorage.getItem(STORED_PRICE) ?? '');
  const price = priceOf(pricePerHour, entered);
  const cost = (sums: Sums) => price && amount(price(sums));
  const days = daysOf(from, to);
  const rows = summed(lines, by ?? 'date');
  const nameOf = (name: string) =>
    by === 'tenant' ? (tenants.get(name) ?? shortened(name)) : by === 'key' ? shortened(name) : name;
  const series =
    by === undefined
      ? [{ label: 'Compute units', values: byDay(lines, days) }]
      : rows.slice(0, MOST_LINES).map(({ name }) => ({
          label: nameOf(name),
          values: byDay(
            lines.filter((line) => line[by] === name),
            days,
          ),
        }));
  const all = total(lines);
  return (
    <>
      <Panel title="In all">
        <dl className="figures">
          <Figure name="Generations" value={all.generations.toLocaleString('en')} />
          <Figure name="Images" value={all.images.toLocaleString('en')} />
          <Figure name="Compute units" value={inShort(all.compute_units)} />
          <Figure name="Device time" value={`${all.kernel_seconds.toLocaleString('en', { maximumFractionDigits: 1 })} s`} />
          {price && <Figure name="Cost" value={cost(all) ?? ''} />}
        </dl>
      </Panel>
      <Panel title={by === undefined ? 'Compute units a day' : `Compute units a day, by ${by}`}>
        <Chart
          label={`Compute units a day, ${from} to ${to}; the table below has the sums`}
          times={days.map((day) => Date.parse(day) / 1_000)}
          series={series}
          kind={by === undefined ? 'bars' : 'line'}
          format={inShort}
        />
        {by !== undefined && rows.length > MOST_LINES && (
          <p className="hint">The {MOST_LINES} with the most; all are in the table.</p>
        )}
      </Panel>
      <Panel
        title={by === undefined ? 'By day' : `By ${by}`}
        actions={
          pricePerHour === null ? (
            <label className="check">
              Price of a million compute units, kept in this browser
              <input
                className="price"
                inputMode="decimal"
                value={entered}
                onChange={({ target }) => {
                  setEntered(target.value);
                  localStorage.setItem(STORED_PRICE, target.value);
                }}
              />
            </label>
          ) : (
            <span className="hint">
              Cost by device time, at {pricePerHour.toLocaleString('en')} an hour: the platform's price (DEVICE_PRICE_PER_HOUR)
            </span>
          )
        }
      >
        <Table
          caption="Usage"
          rows={rows}
          rowKey={({ name }) => name}
          columns={[
            {
              title: by === undefined ? 'Day' : titles[by],
              cell: ({ name }) => <Named name={name} by={by} shown={nameOf(name)} />,
            },
            ...columns,
            ...(price ? [{ title: 'Cost', isNumber: true, cell: cost }] : []),
          ]}
        />
      </Panel>
    </>
  );
}

const titles: Readonly<Record<Dimension, string>> = { tenant: 'Tenant', model: 'Model', key: 'Key' };

const columns = [
  { title: 'Generations', isNumber: true, cell: ({ generations }: NamedSums) => generations.toLocaleString('en') },
  { title: 'Images', isNumber: true, cell: ({ images }: NamedSums) => images.toLocaleString('en') },
  { title: 'Compute units', isNumber: true, cell: ({ compute_units }: NamedSums) => compute_units.toLocaleString('en') },
  { title: 'Device seconds', isNumber: true, cell: ({ kernel_seconds }: NamedSums) => kernel_seconds.toFixed(1) },
  { title: 'Cancelled', isNumber: true, cell: ({ cancelled }: NamedSums) => cancelled },
  { title: 'Too late', isNumber: true, cell: ({ deadline_exceeded }: NamedSums) => deadline_exceeded },
];

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt className="hint">{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Named({ name, by, shown }: { name: string; by: Dimension | undefined; shown: string }): ReactNode {
  if (by === 'tenant') return <Link to={`/tenants/${name}`}>{shown}</Link>;
  if (by === 'key') return <Link to={`/tenants/keys/${name}`}>{shown}</Link>;
  return shown;
}
