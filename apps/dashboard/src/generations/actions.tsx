import type { AdminGenerationBody, RetryBody } from '@darkroom/contracts/admin';
import { useRef } from 'react';
import { useNavigate } from 'react-router';
import { useChange } from '../api/queries.js';
import { request, send } from '../api/request.js';
import { ConfirmButton } from '../components/confirm-button.js';
import { Failure } from '../components/states.js';
import { useMay } from '../session/session.js';
import { hasEnded } from './generation-status.js';

/** What can be done about a generation, for whom may. */
export function GenerationActions({ generation }: { generation: AdminGenerationBody }) {
  const { id, status, cancel_requested_at } = generation;
  const may = useMay();
  const navigate = useNavigate();
  // However often the retry is sent, it is made once; another visit to this page is another wish.
  const wish = useRef(crypto.randomUUID());
  const cancel = useChange(() => send<AdminGenerationBody>('POST', `generations/${id}/cancel`), {
    changed: ['generations'],
    done: 'The generation is being cancelled.',
  });
  const retry = useChange(
    async () => {
      const headers = { 'idempotency-key': wish.current };
      const { id: anew } = (await (await request('POST', `generations/${id}/retry`, { headers })).json()) as RetryBody;
      await navigate(`/generations/${anew}`);
    },
    { changed: ['generations'], done: 'It is made anew: this is the new generation.' },
  );
  if (!may('operate')) return null;
  const error = cancel.error ?? retry.error;
  return (
    <>
      {!hasEnded(generation) && cancel_requested_at === null && (
        <ConfirmButton
          label="Cancel"
          title="Cancel this generation?"
          disabled={cancel.isPending}
          onConfirm={() => cancel.mutate(undefined)}
        >
          Its worker stops within a step, and its client hears that it was cancelled. What it has used until then is charged.
        </ConfirmButton>
      )}
      {(status === 'failed' || status === 'cancelled') && (
        <ConfirmButton label="Retry" title="Make it anew?" disabled={retry.isPending} onConfirm={() => retry.mutate(undefined)}>
          A new generation is made with the same key and parameters: judged anew, counted against the tenant’s limits, and
          charged.
        </ConfirmButton>
      )}
      {error !== null && <Failure error={error} />}
    </>
  );
}
