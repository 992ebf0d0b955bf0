import type { PolicyDocumentBody } from '@darkroom/contracts/admin';
import type { HarmCategory } from '@darkroom/contracts/http';
import { type SyntheticEvent, useState } from 'react';
import { categories, inPlainWords } from '../components/words.js';

type Exemption = PolicyDocumentBody['exemptions'][number];

/** Categories that somebody can be exempt from; the server refuses the others too. */
const exemptible: readonly HarmCategory[] = categories.filter((category) => category !== 'child_safety' && category !== 'sexual');

/** Words that the tenant may use although a category's rules find them. */
export function Exemptions({
  exemptions,
  onChange,
}: {
  exemptions: readonly Exemption[];
  onChange: (exemptions: readonly Exemption[]) => void;
}) {
  const [draft, setDraft] = useState({ category: 'trademarks' as HarmCategory, terms: '', reason: '' });
  const terms = draft.terms.split(',').map((term) => term.trim());
  const add = (event: SyntheticEvent) => {
    event.preventDefault();
    onChange([...exemptions, { category: draft.category, terms: terms.filter((term) => term !== ''), reason: draft.reason }]);
    setDraft({ ...draft, terms: '', reason: '' });
  };
  return (
    <details>
      <summary>Exemptions: {exemptions.length === 0 ? 'none' : exemptions.length}</summary>
      <div className="stack">
        <p className="hint">Words that this tenant may use, like its own brand, or a person whose consent is on file.</p>
        {exemptions.length > 0 && (
          <ul>
            {exemptions.map((one, index) => (
              <li key={`${one.category} ${one.terms.join()}`}>
                {inPlainWords(one.category)}: {one.terms.join(', ')} ({one.reason}){' '}
                <button type="button" className="quiet tiny" onClick={() => onChange(exemptions.toSpliced(index, 1))}>
                  Remove
                </button>
              </li>
            ))}
          </ul>
        )}
        <form className="filters" onSubmit={add}>
          <label>
            Category
            <select
              value={draft.category}
              onChange={({ target }) => setDraft({ ...draft, category: target.value as HarmCategory })}
            >
              {exemptible.map((category) => (
                <option key={category} value={category}>
                  {inPlainWords(category)}
                </option>
              ))}
            </select>
          </label>
          <label>
            Words, with commas
            <input required value={draft.terms} onChange={({ target }) => setDraft({ ...draft, terms: target.value })} />
          </label>
          <label>
            Reason
            <input
              required
              minLength={3}
              value={draft.reason}
              onChange={({ target }) => setDraft({ ...draft, reason: target.value })}
            />
          </label>
          <button type="submit">Add</button>
        </form>
      </div>
    </details>
  );
}
