import type { RuleBody } from '@darkroom/contracts/admin';
import { useEffect, useId, useRef } from 'react';
import { inPlainWords } from '../components/words.js';
import { type CategoryRule, type Place, ruleActions, withAction } from './policy-rules.js';

/** Changes one rule of a policy. What may not be loosened, the server refuses with its reason. */
export function RuleDialog({
  place: { stage, category },
  rule,
  onChange,
  onClose,
}: {
  place: Place;
  rule: CategoryRule;
  onChange: (rule: CategoryRule) => void;
  onClose: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => dialog.current?.showModal(), []);
  const { low, ...everywhere } = rule;
  const setLow = (next: RuleBody | undefined) => onChange(next === undefined ? everywhere : { ...everywhere, low: next });
  return (
    <dialog ref={dialog} aria-labelledby={titleId} onClose={onClose}>
      <h2 id={titleId}>
        {inPlainWords(category)} at {inPlainWords(stage)}
      </h2>
      <Severities rule={everywhere} onChange={(next) => onChange(low === undefined ? next : { ...next, low })} />
      <label className="check">
        <input
          type="checkbox"
          checked={low !== undefined}
          onChange={({ target }) => setLow(target.checked ? everywhere : undefined)}
        />
        Looser for requests at the level low
      </label>
      {low !== undefined && <Severities rule={low} onChange={setLow} />}
      <div className="actions">
        <button type="button" className="primary" onClick={() => dialog.current?.close()}>
          Done
        </button>
      </div>
    </dialog>
  );
}

function Severities({ rule, onChange }: { rule: RuleBody; onChange: (rule: RuleBody) => void }) {
  return (
    <div className="fields">
      {ruleActions.map((action) => (
        <label key={action} className="field">
          {action} from severity
          <select
            value={rule[action] ?? ''}
            onChange={({ target }) => onChange(withAction(rule, action, target.value === '' ? undefined : Number(target.value)))}
          >
            <option value="">never</option>
            <option value="1">1, low</option>
            <option value="2">2, medium</option>
            <option value="3">3, high</option>
          </select>
        </label>
      ))}
    </div>
  );
}
