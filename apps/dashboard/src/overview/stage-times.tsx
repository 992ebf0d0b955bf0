import type { ModelActivityBody } from '@darkroom/contracts/admin';
import { Empty } from '../components/states.js';
import { duration } from '../generations/durations.js';
import { Panel } from '../shell/page.js';

/** How long the stages of generations took: the bar is the median, its thin end the 95th percentile. */
export function StageTimes({ models }: { models: readonly ModelActivityBody[] }) {
  const rows = models.flatMap(({ model, stages }) => stages.map((stage) => ({ model, ...stage })));
  const most = Math.max(1, ...rows.map((row) => row.p95_ms));
  return (
    <Panel title="Time by stage">
      {rows.length === 0 ? (
        <Empty>No generation has succeeded in the last five minutes.</Empty>
      ) : (
        <table className="stage-times">
          <caption className="hint">Median, and 95th percentile</caption>
          <tbody>
            {rows.map((row) => (
              <tr key={`${row.model} ${row.stage}`}>
                <th scope="row">
                  {row.stage} {models.length > 1 && <span className="hint">{row.model}</span>}
                </th>
                <td className="bar" aria-hidden="true">
                  <span style={{ width: `${(100 * row.p95_ms) / most}%` }} className="most" />
                  <span style={{ width: `${(100 * row.p50_ms) / most}%` }} className="median" />
                </td>
                <td className="number">
                  {duration(row.p50_ms)} <span className="hint">{duration(row.p95_ms)}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
