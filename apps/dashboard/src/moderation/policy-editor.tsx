import type { PolicyBody } from '@darkroom/contracts/admin';
import { type SyntheticEvent, useState } from 'react';
import { useChange } from '../api/queries.js';
import { send } from '../api/request.js';
import { Field } from '../components/field.js';
import { Panel } from '../shell/page.js';
import { Exemptions } from './exemptions.js';
import { type Place, withRule } from './policy-rules.js';
import { PolicyTable } from './policy-table.js';
import { RuleDialog } from './rule-dialog.js';

/** A policy whose rules can be changed; entered, that is another version, and not in force by that. */
export function PolicyEditor({
  tenant,
  policy,
  onEntered,
}: {
  tenant: string;
  policy: PolicyBody;
  onEntered: (digest: string) => void;
}) {
  const [document, setDocument] = useState(policy.document);
  const [place, setPlace] = useState<Place>();
  const enter = useChange(() => send<{ digest: string }>('POST', `tenants/${tenant}/policies`, { document }), {
    changed: ['tenants', 'audit'],
    done: 'The version was entered. It is not in force before it is activated.',
  });
  const isChanged = JSON.stringify(document) !== JSON.stringify(policy.document);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    enter.mutate(undefined, { onSuccess: ({ digest }) => onEntered(digest) });
  };
  return (
    <Panel title={`Rules of ${policy.document.version}`}>
      <p className="hint">Choose a rule to change it. What is changed becomes a version of its own.</p>
      <PolicyTable document={document} before={policy.document} onEdit={setPlace} />
      <Exemptions exemptions={document.exemptions} onChange={(exemptions) => setDocument({ ...document, exemptions })} />
      {place !== undefined && (
        <RuleDialog
          place={place}
          rule={document.stages[place.stage][place.category]}
          onClose={() => setPlace(undefined)}
          onChange={(rule) => setDocument(withRule(document, place, rule))}
        />
      )}
      {isChanged && (
        <form onSubmit={submit}>
          <Field label="Name of the new version" hint="For instance a date." param="document" error={enter.error}>
            {(ids) => (
              <input
                {...ids}
                required
                value={document.version}
                onChange={({ target }) => setDocument({ ...document, version: target.value })}
              />
            )}
          </Field>
          <div className="actions">
            <button type="submit" className="primary" disabled={enter.isPending}>
              Enter the version
            </button>
            <button type="button" onClick={() => setDocument(policy.document)}>
              Undo all
            </button>
          </div>
        </form>
      )}
    </Panel>
  );
}
