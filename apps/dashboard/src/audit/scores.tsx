import type { DecisionBody } from '@darkroom/contracts/admin';
import { Table } from '../components/table.js';
import { inPlainWords } from '../components/words.js';
import { Panel } from '../shell/page.js';

/** Scores below are noise. */
const LEAST_SCORE = 0.005;

/** All that was found in what was judged, the gravest first. */
export function Scores({ decision: { scores } }: { decision: DecisionBody }) {
  const found = scores
    .filter(({ score, severity }) => severity > 0 || score >= LEAST_SCORE)
    .toSorted((one, other) => other.severity - one.severity || other.score - one.score);
  const others = scores.length - found.length;
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
      {others > 0 && found.length > 0 && <p className="hint">And {others} times nothing.</p>}
    </Panel>
  );
}
