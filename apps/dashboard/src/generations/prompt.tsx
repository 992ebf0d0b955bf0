import type { PromptBody } from '@darkroom/contracts/admin';
import { useMutation } from '@tanstack/react-query';
import { send } from '../api/request.js';
import { Failure } from '../components/states.js';
import { useMay } from '../session/session.js';
import { Panel } from '../shell/page.js';

/** A generation's prompt, once somebody asks for it, which the audit log tells. */
export function Prompt({ id }: { id: string }) {
  const may = useMay();
  const read = useMutation({ mutationFn: () => send<PromptBody>('POST', `generations/${id}/prompt`) });
  if (!may('content')) return null;
  return (
    <Panel title="Prompt">
      {read.data === undefined ? (
        <>
          <div className="actions">
            <button type="button" disabled={read.isPending} onClick={() => read.mutate()}>
              Read the prompt
            </button>
          </div>
          <p className="hint">It is kept until a day after the end. That you read it is written into the audit log.</p>
        </>
      ) : (
        <>
          <p className="prompt">{read.data.prompt}</p>
          {read.data.negative_prompt !== '' && (
            <p className="prompt">
              <strong>Not:</strong> {read.data.negative_prompt}
            </p>
          )}
        </>
      )}
      {read.error !== null && <Failure error={read.error} />}
    </Panel>
  );
}
