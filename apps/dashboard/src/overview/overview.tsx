import type { ModelActivityBody, OverviewBody, OverviewWithHistoryBody } from '@darkroom/contracts/admin';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { useLive } from '../api/live.js';
import { resource } from '../api/queries.js';
import { Chart } from '../components/chart.js';
import { Empty, Loaded } from '../components/states.js';
import { Table } from '../components/table.js';
import { secondsSteps } from '../components/ticks.js';
import { Page, Panel } from '../shell/page.js';
import { duration, few, percent } from './figures.js';
import { StageTimes } from './stage-times.js';

/** Lists change by events; what there was in the last half hour is asked for as often as it is noted. */
const HISTORY_MS = 10_000;

/** What the platform does, at a glance. */
export function Overview() {
  const options = resource<OverviewWithHistoryBody>('overview');
  const query = useQuery({ ...options, refetchInterval: HISTORY_MS });
  const client = useQueryClient();
  useLive<OverviewBody>('overview', (now) => client.setQueryData(options.queryKey, (before) => before && { ...before, ...now }));
  return (
    <Page title="Overview" about="What the models do now. Counts and rates are of the last five minutes.">
      <Loaded query={query}>{(overview) => <Parts overview={overview} />}</Loaded>
    </Page>
  );
}

function Parts({ overview }: { overview: OverviewWithHistoryBody }) {
  const { models, refusals, usage, history } = overview;
  return (
    <>
      <Panel title="Now">
        <Figures overview={overview} />
      </Panel>
      {models.data === null ? (
        <Problem what="Queues and workers are not known" words={models.problem} />
      ) : (
        <Models models={models.data} />
      )}
      <div className="halves">
        <Panel title="Images a minute">
          <Chart
            label="Images a minute over the last half hour, by model"
            times={history.times}
            series={history.models.map((one) => ({ label: one.model, values: one.images_per_minute }))}
            format={few}
          />
        </Panel>
        <Panel title="Work that waits">
          <Chart
            label="Seconds of a device that waited over the last half hour, by model"
            times={history.times}
            series={history.models.map((one) => ({ label: one.model, values: one.queue_seconds }))}
            format={duration}
            steps={secondsSteps}
          />
        </Panel>
      </div>
      <div className="halves">
        {models.data !== null && <StageTimes models={models.data} />}
        {models.data !== null && <Errors models={models.data} />}
        <Panel title="Refused">
          {refusals.data === null ? (
            <p>{refusals.problem}</p>
          ) : refusals.data.length === 0 ? (
            <Empty>Nothing was refused in the last {overview.window_minutes} minutes.</Empty>
          ) : (
            <Table
              caption="Refusals by stage and category"
              rows={refusals.data}
              rowKey={({ stage, category }) => `${stage} ${category}`}
              columns={[
                { title: 'What', cell: ({ stage }) => stage.replaceAll('_', ' ') },
                { title: 'For', cell: ({ category }) => category.replaceAll('_', ' ') },
                { title: 'Times', cell: ({ count }) => count, isNumber: true },
              ]}
            />
          )}
        </Panel>
      </div>
      {usage.data === null && <Problem what="What was charged is not known" words={usage.problem} />}
    </>
  );
}

function Figures({ overview: { models, refusals, usage, device_price_per_hour: price } }: { overview: OverviewWithHistoryBody }) {
  const known = models.data;
  const sum = (value: (one: ModelActivityBody) => number) =>
    known === null ? null : known.reduce((all, one) => all + value(one), 0);
  const longestWait = known === null ? null : Math.max(0, ...known.map((one) => one.wait_seconds ?? 0));
  const failed = sum(({ errors }) => errors.reduce((all, { count }) => all + count, 0));
  const refused = refusals.data === null ? null : refusals.data.reduce((all, { count }) => all + count, 0);
  const figures: readonly (readonly [string, ReactNode, (string | undefined)?])[] = [
    [
      'Images a minute',
      shown(
        sum((one) => one.images_per_minute),
        few,
      ),
    ],
    [
      'Running',
      shown(
        sum(({ running }) => running),
        few,
      ),
    ],
    [
      'Waiting',
      shown(
        sum(({ queued }) => queued),
        few,
      ),
      shown(
        sum((one) => one.queue_seconds),
        (s) => `${duration(s)} of a device`,
      ),
    ],
    ['Wait, as foreseen', shown(longestWait, duration)],
    ['Errors', shown(failed, few)],
    ['Refused', shown(refused, few)],
    [
      'Device time in an hour',
      usage.data === null ? '—' : duration(usage.data.kernel_seconds),
      usage.data?.cost === null || usage.data === null || price === null ? undefined : `costs ${usage.data.cost.toFixed(2)}`,
    ],
  ];
  return (
    <div className="figures">
      {figures.map(([name, value, more]) => (
        <div key={name}>
          <span className="hint">{name}</span>
          <strong>{value}</strong>
          {more !== undefined && <span className="hint">{more}</span>}
        </div>
      ))}
    </div>
  );
}

function shown(value: number | null, format: (value: number) => string): string {
  return value === null ? '—' : format(value);
}

function Models({ models }: { models: readonly ModelActivityBody[] }) {
  return (
    <Panel title="Models">
      {models.length === 0 ? (
        <Empty>No worker has reported yet. Start a denoiser, and its model appears here.</Empty>
      ) : (
        <Table
          caption="Models with their queues and workers"
          rows={models}
          rowKey={({ model }) => model}
          columns={[
            { title: 'Model', cell: ({ model }) => <Link to="/models">{model}</Link> },
            { title: 'Workers', cell: ({ workers }) => <Link to="/fleet">{workers}</Link>, isNumber: true },
            { title: 'Running', cell: ({ running }) => running, isNumber: true },
            { title: 'Waiting', cell: ({ queued }) => queued, isNumber: true },
            { title: 'Device time waiting', cell: (one) => duration(one.queue_seconds), isNumber: true },
            {
              title: 'Wait',
              cell: (one) => (one.wait_seconds === null ? 'no workers' : duration(one.wait_seconds)),
              isNumber: true,
            },
            { title: 'Images/min', cell: (one) => few(one.images_per_minute), isNumber: true },
            { title: 'Batches full', cell: (one) => percent(one.batch_occupancy), isNumber: true },
          ]}
        />
      )}
    </Panel>
  );
}

function Errors({ models }: { models: readonly ModelActivityBody[] }) {
  const rows = models.flatMap(({ model, errors }) => errors.map((error) => ({ model, ...error })));
  return (
    <Panel title="Errors">
      {rows.length === 0 ? (
        <Empty>Nothing has failed in the last five minutes.</Empty>
      ) : (
        <Table
          caption="Errors by model and code"
          rows={rows.sort((a, b) => b.count - a.count)}
          rowKey={({ model, code }) => `${model} ${code}`}
          columns={[
            {
              title: 'Code',
              cell: ({ model, code }) => <Link to={`/generations?${new URLSearchParams({ error: code, model })}`}>{code}</Link>,
            },
            { title: 'Model', cell: ({ model }) => model },
            { title: 'Times', cell: ({ count }) => count, isNumber: true },
          ]}
        />
      )}
    </Panel>
  );
}

function Problem({ what, words }: { what: string; words: string | null }) {
  return (
    <Panel title={what}>
      <p role="alert" className="wrong">
        {words}
      </p>
    </Panel>
  );
}
