import { type PolicyBody, type PolicyDocumentBody, policyStages } from '@darkroom/contracts/admin';
import { CopyId } from '../components/copy-id.js';
import { categories, inPlainWords } from '../components/words.js';
import { Panel } from '../shell/page.js';
import { isSameRule, lowInWords, type Place, ruleInWords } from './policy-rules.js';

/** A policy to be read. */
export function PolicyView({ policy: { digest, document } }: { policy: PolicyBody }) {
  return (
    <Panel title={`Rules of ${document.version}`} actions={<CopyId id={digest} what="digest" />}>
      <PolicyTable document={document} />
      {document.exemptions.length > 0 && (
        <ul>
          {document.exemptions.map(({ category, terms, reason }) => (
            <li key={`${category} ${terms.join()}`}>
              {inPlainWords(category)}: {terms.join(', ')} ({reason})
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/**
 * What is done about each category at each stage, by severity (1 low, 2 medium, 3 high).
 *
 * @param before what changed rules are marked against.
 * @param onEdit asked when a rule is chosen; without it the table can only be read.
 */
export function PolicyTable({
  document,
  before = document,
  onEdit,
}: {
  document: PolicyDocumentBody;
  before?: PolicyDocumentBody;
  onEdit?: (place: Place) => void;
}) {
  return (
    <table className="rows">
      <caption className="hint">From which severity on each thing is done: 1 is low, 2 medium, 3 high.</caption>
      <thead>
        <tr>
          <th scope="col">Category</th>
          {policyStages.map((stage) => (
            <th key={stage} scope="col">
              {inPlainWords(stage)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {categories.map((category) => (
          <tr key={category}>
            <th scope="row" data-title="Category">
              {inPlainWords(category)}
            </th>
            {policyStages.map((stage) => {
              const rule = document.stages[stage][category];
              const words = [ruleInWords(rule), lowInWords(rule)].filter((part) => part !== '').join('; ');
              const isChanged = !isSameRule(rule, before.stages[stage][category]);
              return (
                <td key={stage} data-title={inPlainWords(stage)} className={isChanged ? 'changed' : undefined}>
                  {onEdit === undefined ? (
                    words
                  ) : (
                    <button
                      type="button"
                      className="quiet rule"
                      aria-label={`Change ${inPlainWords(category)} at ${inPlainWords(stage)}: ${words}`}
                      onClick={() => onEdit({ stage, category })}
                    >
                      {words}
                    </button>
                  )}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
