import type { MomentBody, WholeGenerationBody } from '@darkroom/contracts/admin';
import { Panel } from '../shell/page.js';
import { duration } from './durations.js';
import { type StageBar, stageBars } from './stage-bars.js';

const words: Readonly<Record<MomentBody['what'], string>> = {
  accepted: 'Accepted',
  taken: 'Taken',
  cancel_requested: 'Cancelling was asked for',
  ended: 'Ended',
};
const time = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' });

/** What happened to a generation and when, and how long each of its stages took. */
export function Timeline({ generation: { timeline, receipt, queue } }: { generation: WholeGenerationBody }) {
  const begin = Date.parse(timeline[0]?.at ?? '');
  const progress = queue !== null && 'state' in queue && queue.state !== 'ended' ? queue.progress : null;
  return (
    <Panel title="What happened">
      <ol className="moments">
        {timeline.map(({ at, what, detail }) => (
          <li key={what}>
            <time dateTime={at} title={`${time.format(new Date(at))} UTC`}>
              {at === timeline[0]?.at ? `${time.format(new Date(at))} UTC` : `+ ${duration(Date.parse(at) - begin)}`}
            </time>
            <span>
              <strong>{words[what]}</strong> {detail}
            </span>
          </li>
        ))}
      </ol>
      {queue !== null && 'problem' in queue && <p className="wrong">{queue.problem}</p>}
      {queue !== null && 'state' in queue && queue.workers_lost > 0 && (
        <p>{queue.workers_lost} times a worker that had it was heard of no more, and another went on from its last checkpoint.</p>
      )}
      {queue !== null && 'state' in queue && queue.state === 'put_back' && <p>It was put back, and is tried again in seconds.</p>}
      {progress !== null && (
        <p role="status">
          Now at {progress.stage}, step {progress.step} of {progress.steps} of image {progress.image + 1}.{' '}
          <progress max={progress.steps} value={progress.step} aria-label="Steps" />
        </p>
      )}
      {receipt !== null && 'timings' in receipt && <Stages bars={stageBars(receipt.timings)} />}
    </Panel>
  );
}

function Stages({ bars }: { bars: readonly StageBar[] }) {
  return (
    <table className="stages">
      <caption className="visually-hidden">
        How long each stage took, over all images, and how much of it was in the model’s kernels
      </caption>
      <thead>
        <tr>
          <th scope="col">Stage</th>
          <td aria-hidden="true" />
          <th scope="col" className="number">
            Took
          </th>
          <th scope="col" className="number">
            In kernels
          </th>
        </tr>
      </thead>
      <tbody>
        {bars.map(({ stage, totalMs, kernelMs, start, length, kernelShare }) => (
          <tr key={stage}>
            <th scope="row">{stage}</th>
            <td aria-hidden="true">
              <div className="bar" style={{ marginInlineStart: `${start * 100}%`, width: `${length * 100}%` }}>
                <div style={{ width: `${kernelShare * 100}%` }} />
              </div>
            </td>
            <td className="number">{duration(totalMs)}</td>
            <td className="number">{kernelMs > 0 ? duration(kernelMs) : '—'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
