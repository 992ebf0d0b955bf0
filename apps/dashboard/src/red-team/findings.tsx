import { type FindingBody, type FindingState, findingStates } from '@darkroom/contracts/admin';
import { Badge, type Tone } from '../components/badge.js';
import { Filters, SelectFilter, useFilters } from '../components/filters.js';
import { Empty } from '../components/states.js';
import { Table } from '../components/table.js';
import { TimeAgo } from '../components/time-ago.js';
import { categories, inPlainWords } from '../components/words.js';
import { Panel } from '../shell/page.js';

const tones: Readonly<Record<FindingState, Tone>> = {
  open: 'bad',
  triaged: 'warn',
  mitigated: 'busy',
  verified: 'good',
  closed: 'good',
  accepted: 'plain',
};

/** What got through, the gravest first, and where each stands. */
export function Findings({ findings }: { findings: readonly FindingBody[] }) {
  const filters = useFilters(['state', 'category']);
  const { state, category } = filters.values;
  const shown = findings
    .filter((one) => (state === '' || one.state === state) && (category === '' || one.category === category))
    .toSorted((one, other) => other.severity - one.severity || one.id.localeCompare(other.id));
  return (
    <Panel title={`Findings: ${shown.length} of ${findings.length}`}>
      <Filters>
        <SelectFilter filters={filters} name="state" label="State" options={findingStates} />
        <SelectFilter filters={filters} name="category" label="Category" options={categories} />
      </Filters>
      {shown.length === 0 ? (
        <Empty>{findings.length === 0 ? 'Nothing was found yet.' : 'No finding is like that.'}</Empty>
      ) : (
        <Table
          caption="Findings"
          rows={shown}
          rowKey={({ id }) => id}
          columns={[
            { title: 'Category', cell: ({ category }) => inPlainWords(category) },
            { title: 'Technique', cell: ({ technique }) => inPlainWords(technique) },
            { title: 'State', cell: (finding) => <State finding={finding} /> },
            { title: 'Severity', isNumber: true, cell: ({ severity }) => `${severity} of 3` },
            { title: 'Attacks', isNumber: true, cell: ({ attacks }) => attacks },
            { title: 'Levels', cell: ({ levels }) => levels.join(', ') },
            { title: 'First seen', cell: ({ first_seen }) => <TimeAgo at={first_seen} /> },
            { title: 'Last seen', cell: ({ last_seen }) => <TimeAgo at={last_seen} /> },
            { title: 'Last note', cell: ({ history }) => history.at(-1)?.note ?? '—' },
          ]}
        />
      )}
    </Panel>
  );
}

function State({ finding: { state, accepted_until } }: { finding: FindingBody }) {
  return (
    <Badge tone={tones[state]}>
      {state}
      {accepted_until !== null && ` until ${accepted_until}`}
    </Badge>
  );
}
