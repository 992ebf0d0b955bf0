import type { ModelVerificationBody, WorkerVerificationBody } from '@darkroom/contracts/admin';
import { Badge, type Tone } from '../components/badge.js';
import { CopyId } from '../components/copy-id.js';
import { Table } from '../components/table.js';
import { TimeAgo } from '../components/time-ago.js';

const outcomes: Readonly<Record<ModelVerificationBody['state'], readonly [Tone, string]>> = {
  running: ['busy', 'Being read'],
  same: ['good', 'As they should be'],
  different: ['bad', 'Not as they should be'],
  incomplete: ['warn', 'Not every worker could tell'],
};

const answers: Readonly<Record<WorkerVerificationBody['state'], readonly [Tone, string]>> = {
  waiting: ['plain', 'Not begun'],
  reading: ['busy', 'Reads'],
  same: ['good', 'The same'],
  different: ['bad', 'Files differ'],
  other_revision: ['bad', 'Another revision'],
  failed: ['bad', 'Could not compare'],
  not_answered: ['warn', 'Not answered'],
};

/** What a model's workers answered when they were last asked to read its files again. */
export function Verification({ verification }: { verification: ModelVerificationBody }) {
  const [tone, words] = outcomes[verification.state];
  return (
    <div className="model-part">
      <h3>Files</h3>
      <p>
        <Badge tone={tone}>{words}</Badge> Every file, read again by every worker. Asked for by {verification.started_by},{' '}
        <TimeAgo at={verification.started_at} />.
      </p>
      <Table
        caption="What each worker found"
        rows={verification.workers}
        rowKey={({ id }) => id}
        columns={[
          { title: 'Worker', cell: ({ id }) => <CopyId id={id} what="worker" /> },
          { title: 'Where', cell: ({ host }) => host ?? '—' },
          { title: 'Files are', cell: (worker) => <Answer worker={worker} /> },
          { title: 'Read', cell: read, isNumber: true },
        ]}
      />
    </div>
  );
}

function Answer({ worker }: { worker: WorkerVerificationBody }) {
  const { state, digest, different, differences, problem, bytes_read: bytesRead, bytes } = worker;
  const [tone, words] = answers[state];
  return (
    <span className="answer">
      <Badge tone={tone}>{words}</Badge>
      {state === 'reading' && <progress aria-label="Read" value={bytesRead} max={Math.max(1, bytes)} />}
      {state === 'other_revision' && digest !== null && (
        <span>
          its digests are <CopyId id={digest} what="digest" />
        </span>
      )}
      {problem !== null && <span className="wrong">{problem}</span>}
      {differences.map(({ file, expected, actual }) => (
        <span key={file}>
          <code>{file}</code> should be <CopyId id={expected} what="digest" />,{' '}
          {actual === null ? 'and can’t be read' : <>and is {<CopyId id={actual} what="digest" />}</>}
        </span>
      ))}
      {different > differences.length && <span className="hint">and {different - differences.length} more</span>}
    </span>
  );
}

function read({ files, bytes_read: bytesRead, bytes }: WorkerVerificationBody): string {
  if (bytes === 0) return '—';
  const megabytes = (count: number) => (count / 1e6).toLocaleString('en', { maximumFractionDigits: 0 });
  return files === null ? `${megabytes(bytesRead)} of ${megabytes(bytes)} MB` : `${files} files, ${megabytes(bytes)} MB`;
}
