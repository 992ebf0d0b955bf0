import type { CanaryThresholdsBody, ModelStateBody, ModelStateListBody, ModelVerificationBody } from '@darkroom/contracts/admin';
import { useQuery } from '@tanstack/react-query';
import { resource, useChange } from '../api/queries.js';
import { send } from '../api/request.js';
import { Badge, type Tone } from '../components/badge.js';
import { ConfirmButton } from '../components/confirm-button.js';
import { CopyId } from '../components/copy-id.js';
import { Empty, Failure, Loaded } from '../components/states.js';
import { Facts } from '../components/table.js';
import { TimeAgo } from '../components/time-ago.js';
import { useMay } from '../session/session.js';
import { Page, Panel } from '../shell/page.js';
import { Canary } from './canary.js';
import { RegisterButton, Registration } from './registration.js';
import { Verification } from './verification.js';
import { WarmButton, Warmth } from './warm.js';

/** Canaries are judged every five seconds; workers tell once a second how far they are. */
const REFRESH_MS = 5_000;
const REFRESH_WHILE_READING_MS = 1_000;

const states: Readonly<Record<ModelStateBody['state'], readonly [Tone, string]>> = {
  serving: ['good', 'Takes requests'],
  registered: ['plain', 'Registered, not there yet'],
  retired: ['plain', 'Retired'],
  no_workers: ['bad', 'No workers'],
  workers_unknown: ['warn', 'Workers are not known'],
};

/** The models that are served, and their canaries. */
export function Models() {
  const query = useQuery({
    ...resource<ModelStateListBody>('models'),
    refetchInterval: refreshMs,
  });
  const may = useMay();
  return (
    <Page
      title="Models"
      about="What gateways offer and workers run, and newer revisions that get a part of the requests."
      actions={may('operate') && <RegisterButton />}
    >
      <Loaded query={query}>
        {({ data, canary_defaults: defaults }) =>
          data.length === 0 ? (
            <Empty>No gateway has told of a model yet, and none is registered.</Empty>
          ) : (
            data.map((model) => <Model key={model.name} model={model} all={data} defaults={defaults} />)
          )
        }
      </Loaded>
    </Page>
  );
}

function refreshMs({ state: { data } }: { state: { data: ModelStateListBody | undefined } }): number {
  const isReading = data?.data.some(({ verification }) => verification?.state === 'running');
  return isReading ? REFRESH_WHILE_READING_MS : REFRESH_MS;
}

function Model({
  model,
  all,
  defaults,
}: {
  model: ModelStateBody;
  all: readonly ModelStateBody[];
  defaults: CanaryThresholdsBody;
}) {
  const may = useMay();
  const [tone, words] = states[model.state];
  return (
    <Panel title={model.name} actions={may('operate') && model.digest !== null && <Actions model={model} />}>
      <Facts
        facts={[
          [
            'State',
            <Badge key="state" tone={tone}>
              {words}
            </Badge>,
          ],
          ['Workers', model.workers ?? '—'],
          ['Steps', model.default_steps],
          ['Digest', model.digest === null ? 'no gateway offers it' : <CopyId key="digest" id={model.digest} what="digest" />],
          ['Workers run', <WorkerDigests key="digests" model={model} />],
          ['Offered since', <TimeAgo key="since" at={model.first_seen_at} />],
          ...(model.warm === null ? [] : ([['Warm', <Warmth key="warm" name={model.name} warm={model.warm} />]] as const)),
          ...(model.canary_of === null ? [] : ([['Canary of', model.canary_of]] as const)),
        ]}
      />
      {model.registration !== null && <Registration name={model.name} registration={model.registration} />}
      {model.verification !== null && <Verification verification={model.verification} />}
      {model.canary_of === null && model.digest !== null && <Canary model={model} all={all} defaults={defaults} />}
    </Panel>
  );
}

function WorkerDigests({ model: { digest, worker_digests: digests } }: { model: ModelStateBody }) {
  if (digests.length === 0) return '—';
  if (digests.every((one) => one.digest === digest)) return 'the same';
  return digests.map((one) => (
    <span key={one.digest} className="wrong">
      {one.workers} × <CopyId id={one.digest || 'not told'} what="digest" />
    </span>
  ));
}

function Actions({ model }: { model: ModelStateBody }) {
  const { name, retired_at: retiredAt } = model;
  const changed = ['models'];
  const verify = useChange(() => send<ModelVerificationBody>('POST', `models/${name}/verify`), {
    changed,
    done: ({ workers }) => `Workers read every file of ${name} again: ${workers.length}.`,
  });
  const retire = useChange(() => send('POST', `models/${name}/retire`), { changed, done: `${name} takes no new requests.` });
  const restore = useChange(() => send('POST', `models/${name}/restore`), { changed, done: `${name} takes requests again.` });
  const error = verify.error ?? retire.error ?? restore.error;
  return (
    <>
      <button type="button" disabled={verify.isPending} onClick={() => verify.mutate(undefined)}>
        Verify files
      </button>
      <WarmButton model={model} />
      {retiredAt === null ? (
        <ConfirmButton label="Retire" title={`Retire ${name}?`} onConfirm={() => retire.mutate(undefined)}>
          <p>New requests for it are answered as for a model that is not there. What is queued for it is still made.</p>
        </ConfirmButton>
      ) : (
        <button type="button" onClick={() => restore.mutate(undefined)}>
          Restore
        </button>
      )}
      {error !== null && <Failure error={error} />}
    </>
  );
}
