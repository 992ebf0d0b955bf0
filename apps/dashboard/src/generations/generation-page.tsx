import type { WholeGenerationBody } from '@darkroom/contracts/admin';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { resource } from '../api/queries.js';
import { CopyId } from '../components/copy-id.js';
import { IdLink } from '../components/id-link.js';
import { Loaded } from '../components/states.js';
import { Facts } from '../components/table.js';
import { Page, Panel } from '../shell/page.js';
import { useTenantNames } from '../tenants/tenant-names.js';
import { GenerationActions } from './actions.js';
import { Decisions, Deliveries } from './consequences.js';
import { GenerationStatus, hasEnded } from './generation-status.js';
import { PartOf } from './part-of.js';
import { Pictures } from './pictures.js';
import { Prompt } from './prompt.js';
import { Receipt } from './receipt.js';
import { stepsInWords } from './steps-in-words.js';
import { Timeline } from './timeline.js';

/** One that goes on changes within so long; one that has ended is looked at now and then, for what webhooks are told. */
const REFRESH_MS = 2_000;
const ENDED_REFRESH_MS = 15_000;

/** One generation: why it failed and what to do, where its time went, and all else that is known of it. */
export function GenerationPage() {
  const { id = '' } = useParams();
  const query = useQuery({
    ...resource<WholeGenerationBody>(`generations/${id}`),
    refetchInterval: ({ state: { data } }) => (data !== undefined && hasEnded(data) ? ENDED_REFRESH_MS : REFRESH_MS),
  });
  const { data } = query;
  return (
    <Page
      title="Generation"
      about={<CopyId id={id} />}
      actions={data !== undefined && <GenerationActions key={id} generation={data} />}
    >
      <Loaded query={query}>{(generation) => <Whole key={generation.id} generation={generation} />}</Loaded>
    </Page>
  );
}

function Whole({ generation }: { generation: WholeGenerationBody }) {
  const { id, error, advice, receipt } = generation;
  return (
    <>
      {error !== null && (
        <Panel title={generation.status === 'cancelled' ? 'Why it ended' : 'Why it failed'}>
          <div className="failure">
            {advice !== null && <p className="cause">{advice.cause}</p>}
            <p>
              <code>{error.code}</code>: {error.message}
            </p>
            {advice !== null && (
              <p>
                <strong>What to do:</strong> {advice.advice}
              </p>
            )}
          </div>
        </Panel>
      )}
      <Timeline generation={generation} />
      <div className="columns">
        <div>
          <Overview generation={generation} />
          <Receipt part={receipt} />
        </div>
        <div>
          <Prompt id={id} />
          <Pictures generation={generation} />
          <Decisions part={generation.decisions} />
          <Deliveries part={generation.deliveries} />
        </div>
      </div>
    </>
  );
}

function Overview({ generation }: { generation: WholeGenerationBody }) {
  const { tenant, key, model, kind, width, height, image_count, steps, worker, attempts, trace, request, charge } = generation;
  const tenants = useTenantNames();
  return (
    <Panel title="Facts">
      <Facts
        facts={[
          ['State', <GenerationStatus key="state" generation={generation} />],
          [
            'Tenant',
            <Link key="tenant" to={`/tenants/${tenant}`}>
              {tenants.get(tenant) ?? tenant}
            </Link>,
          ],
          ['Key', <IdLink key="key" id={key} />],
          ['Model', model],
          ['What', `${kind === 'edit' ? 'an edit, ' : ''}${image_count} × ${width}×${height} in ${stepsInWords(steps)}`],
          ['Worker', worker === null ? null : <CopyId key="worker" id={worker} what="worker" />],
          ['Attempts', attempts],
          ...(trace === null ? [] : [['Trace', <Trace key="trace" trace={trace} />] as const]),
        ]}
      />
      <PartOf part={request} none="What else it was asked for with is not kept any more: it is for a day after the end.">
        {(asked) => (
          <Facts
            facts={[
              ['Seed', asked.seed],
              ['Guidance scale', asked.guidance_scale],
              ['Solver', asked.solver ?? 'the model’s own'],
              ['Sigmas', asked.sigmas ?? 'the model’s own'],
              [
                'Output',
                `${asked.output_format}${asked.output_compression === null ? '' : `, quality ${asked.output_compression}`}`,
              ],
              ['Priority', asked.priority],
              ...(asked.deadline === null ? [] : [['Deadline', asked.deadline] as const]),
              ...(asked.first_block_cache === 0 ? [] : [['First block cache', asked.first_block_cache] as const]),
              ...(asked.strength === null ? [] : [['Strength', asked.strength] as const]),
              ['Moderation', asked.moderation],
              ...(asked.replay_of === null ? [] : [['Replay of', <IdLink key="replay" id={asked.replay_of} />] as const]),
            ]}
          />
        )}
      </PartOf>
      <PartOf part={charge} none="Nothing is charged for it, or not yet.">
        {({ compute_units, evaluations, kernel_ms }) => (
          <Facts
            facts={[
              ['Charged', `${compute_units.toLocaleString('en')} compute units`],
              ['Evaluations', evaluations],
              ['Device time', `${(kernel_ms / 1_000).toFixed(2)} s`],
            ]}
          />
        )}
      </PartOf>
    </Panel>
  );
}

function Trace({ trace: { id, url } }: { trace: NonNullable<WholeGenerationBody['trace']> }) {
  return url === null ? <CopyId id={id} what="trace id" /> : <a href={url}>{id}</a>;
}
