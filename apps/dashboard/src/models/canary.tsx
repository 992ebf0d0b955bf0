import type { CanaryBody, CanaryThresholdsBody, ModelStateBody, RevisionOutcomesBody } from '@darkroom/contracts/admin';
import { useState } from 'react';
import { useChange } from '../api/queries.js';
import { send } from '../api/request.js';
import { Badge } from '../components/badge.js';
import { ConfirmButton } from '../components/confirm-button.js';
import { Field, FormError } from '../components/field.js';
import { Table } from '../components/table.js';
import { TimeAgo } from '../components/time-ago.js';
import { useMay } from '../session/session.js';
import { formOf, Thresholds, thresholdParams, thresholdsOf } from './thresholds.js';

/** A model's canary: how it fares beside the model, and how much it gets. */
export function Canary({
  model,
  all,
  defaults,
}: {
  model: ModelStateBody;
  all: readonly ModelStateBody[];
  defaults: CanaryThresholdsBody;
}) {
  const may = useMay();
  const { canary } = model;
  const others = all.filter(
    (one) => one.name !== model.name && one.state !== 'retired' && one.digest !== null && one.canary === null,
  );
  if (canary === null && (others.length === 0 || !may('operate'))) return null;
  return (
    <div className="model-part">
      <h3>Canary</h3>
      {canary !== null && <Standing canary={canary} />}
      {may('operate') && <Split key={canary?.changed_at} model={model} revisions={others} defaults={defaults} />}
    </div>
  );
}

function Standing({ canary }: { canary: CanaryBody }) {
  const { comparison } = canary;
  return (
    <>
      <p>
        <Badge tone={canary.state === 'active' ? 'busy' : 'bad'}>{canary.state === 'active' ? 'Active' : 'Taken back'}</Badge>{' '}
        {canary.revision} gets {canary.percent} % of the requests. Changed by {canary.changed_by},{' '}
        <TimeAgo at={canary.changed_at} />.
      </p>
      {canary.reason !== null && <p className="wrong">{canary.reason}</p>}
      {canary.problem !== null && <p className="wrong">{canary.problem}</p>}
      {comparison !== null && (
        <>
          <Table
            caption="The revision beside the model"
            rows={[['The model', comparison.stable] as const, [canary.revision, comparison.canary] as const]}
            rowKey={([name]) => name}
            columns={[
              { title: `Last ${comparison.window_minutes} minutes`, cell: ([name]) => name },
              { title: 'Ended', cell: ([, outcomes]) => outcomes.ended, isNumber: true },
              { title: 'Failed', cell: ([, outcomes]) => share(outcomes, 'failed', 'error_rate'), isNumber: true },
              { title: 'Refused', cell: ([, outcomes]) => share(outcomes, 'refused', 'refusal_rate'), isNumber: true },
            ]}
          />
          <p className="hint">{comparison.words}</p>
        </>
      )}
    </>
  );
}

function share(outcomes: RevisionOutcomesBody, count: 'failed' | 'refused', rate: 'error_rate' | 'refusal_rate'): string {
  return `${outcomes[count]} (${(100 * outcomes[rate]).toFixed(1)} %)`;
}

function Split({
  model: { name, canary },
  revisions,
  defaults,
}: {
  model: ModelStateBody;
  revisions: readonly ModelStateBody[];
  defaults: CanaryThresholdsBody;
}) {
  const choices = [...new Set([...(canary === null ? [] : [canary.revision]), ...revisions.map(({ name }) => name)])];
  const [revision, setRevision] = useState(canary?.revision ?? choices[0] ?? '');
  const [percent, setPercent] = useState(canary?.percent ?? 5);
  const [thresholds, setThresholds] = useState(() => formOf(canary ?? defaults));
  const changed = ['models'];
  const wanted = { revision, percent, ...thresholdsOf(thresholds) };
  const put = useChange(() => send<CanaryBody>('PUT', `models/${name}/canary`, wanted), {
    changed,
    done: ({ revision, percent }) => `${revision} gets ${percent} % of the requests for ${name} within two seconds.`,
  });
  const end = useChange(() => send('DELETE', `models/${name}/canary`), {
    changed,
    done: `All requests for ${name} are its own again.`,
  });
  const isSame =
    canary?.state === 'active' && Object.entries(wanted).every(([param, value]) => canary[param as keyof CanaryBody] === value);
  const isCold = revisions.some((one) => one.name === revision && one.workers === 0);
  return (
    <form onSubmit={(event) => event.preventDefault()}>
      <div className="fields">
        <Field label="Revision" param="revision" error={put.error}>
          {(ids) => (
            <select {...ids} value={revision} onChange={({ target }) => setRevision(target.value)}>
              {choices.map((choice) => (
                <option key={choice}>{choice}</option>
              ))}
            </select>
          )}
        </Field>
        <Field label={`Part of the requests: ${percent} %`} param="percent" error={put.error}>
          {(ids) => (
            <input
              {...ids}
              type="range"
              min="0"
              max="100"
              value={percent}
              onChange={({ target }) => setPercent(Number(target.value))}
            />
          )}
        </Field>
      </div>
      <Thresholds form={thresholds} error={put.error} onChange={setThresholds} />
      {isCold && <p className="hint">{revision} has no workers: warm it first, or its first requests wait for one.</p>}
      <FormError error={put.error ?? end.error} params={['revision', 'percent', ...thresholdParams]} />
      <div className="actions">
        <ConfirmButton
          label="Change the split"
          title={`Send ${percent} % to ${revision}?`}
          disabled={isSame || revision === '' || put.isPending}
          onConfirm={() => put.mutate(undefined)}
        >
          <p>
            The same request always goes to the same revision. It is taken back by itself when it fails more often than {name}, by
            more than {thresholds.max_error_increase} points and chance, or when its pictures are refused more often, by more than{' '}
            {thresholds.max_refusal_increase}.
          </p>
        </ConfirmButton>
        {canary !== null && (
          <ConfirmButton label="End it" title={`End the canary of ${name}?`} onConfirm={() => end.mutate(undefined)}>
            <p>
              All new requests for {name} are its own again. What is queued for {canary.revision} is still made.
            </p>
          </ConfirmButton>
        )}
      </div>
    </form>
  );
}
