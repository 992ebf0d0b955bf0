import type { DecisionBody } from '@darkroom/contracts/admin';
import { Table } from '../components/table.js';
import { inPlainWords } from '../components/words.js';
import { Panel } from '../shell/page.js';

/** All that was found in what was judged, the gravest first. */
export function Scores({ decision: { scores } }: { decision: DecisionBody }) {
  const found = scores.toSorted((one, other) => other.severity - one.severity || other.score - one.score);
  return (
    <Panel title="What classifiers found">
      {found.length === 0 ? (
        <p className="hint">Nothing.</p>
      ) : (
        <Table
          caption="Scores"
          rows={found}
          rowKey={({ category, reason, score }) => `${category} ${reason} ${score}`}
          columns={[
            { title: 'Category', cell: ({ category }) => inPlainWords(category) },
            { title: 'Severity', isNumber: true, cell: ({ severity }) => `${severity} of 3` },
            { title: 'Score', isNumber: true, cell: ({ score }) => score.toFixed(3) },
            { title: 'Rule', cell: ({ reason }) => (reason === '' ? '—' : <code>{reason}</code>) },
          ]}
        />
      )}
    </Panel>
  );
}
