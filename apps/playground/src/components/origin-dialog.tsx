import { ApiError, type DarkroomClient, type ProvenanceReport } from '@darkroom/client';
import { type DragEvent, useEffect, useId, useRef, useState } from 'react';
import { signatureWords } from '../words.js';

interface Props {
  readonly client: DarkroomClient;
  readonly onClose: () => void;
}

/** What is known of the picture that was chosen last. */
interface Finding {
  readonly name: string;
  /** Undefined while it is looked at. */
  readonly report: ProvenanceReport | undefined;
  readonly problem: string | undefined;
}

/** Tells of any picture whether it was made here. */
export function OriginDialog({ client, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const latest = useRef<File>(undefined);
  const id = useId();
  const [finding, setFinding] = useState<Finding>();
  useEffect(() => dialog.current?.showModal(), []);
  const look = (file: File | undefined) => {
    if (file === undefined) return;
    latest.current = file;
    setFinding({ name: file.name, report: undefined, problem: undefined });
    const settle = (outcome: Pick<Finding, 'report' | 'problem'>) => {
      // Another picture may have been chosen meanwhile.
      if (latest.current === file) setFinding({ name: file.name, ...outcome });
    };
    client.verify(file).then(
      (report) => settle({ report, problem: undefined }),
      (error: unknown) => settle({ report: undefined, problem: problemOf(error) }),
    );
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    look(event.dataTransfer.files[0]);
  };
  return (
    <dialog ref={dialog} className="origin" onClose={onClose} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>Is this picture ours?</h2>
      {/* Dropping is a shortcut for those who can; everybody has the file field. */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the field within does the same for everybody */}
      <div className="drop" onDragOver={(event) => event.preventDefault()} onDrop={drop}>
        <label htmlFor={id}>Choose a picture, or drop one here</label>
        <input
          id={id}
          type="file"
          accept="image/png,image/jpeg,image/webp"
          onChange={({ target }) => {
            look(target.files?.[0]);
            target.value = '';
          }}
        />
        <p className="hint">A PNG, JPEG or WebP, as you have it. It is looked at and not kept.</p>
      </div>
      <div role="status">
        {finding && finding.report === undefined && finding.problem === undefined && <p>Looking at {finding.name} …</p>}
        {finding?.report && <Report name={finding.name} report={finding.report} />}
      </div>
      {finding?.problem && <p role="alert">{finding.problem}</p>}
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}

function Report({ name, report }: { readonly name: string; readonly report: ProvenanceReport }) {
  const { verdict, is_ours, signed, issuer, watermark, receipt, receipt_source } = report;
  return (
    <section className={is_ours ? 'ours' : 'strange'} aria-label={name}>
      <p className="verdict">{verdict}</p>
      <dl>
        <dt>Signature</dt>
        <dd>
          {signatureWords[signed]}
          {issuer && <> It names “{issuer}”.</>}
        </dd>
        <dt>Invisible mark</dt>
        <dd>
          {watermark.detected ? 'Found' : 'Not found'} (score {watermark.score.toFixed(1)}, found from {watermark.threshold})
        </dd>
        {receipt && (
          <>
            <dt>Receipt{receipt_source === 'text' && ', which anybody could have written'}</dt>
            <dd>
              {receipt.model}, seed {receipt.seed}, {receipt.steps} steps, {receipt.width}×{receipt.height}
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

function problemOf(error: unknown): string {
  if (error instanceof ApiError && error.code === 'invalid_argument')
    return 'This file is not a picture that can be read. PNG, JPEG and WebP can.';
  if (error instanceof ApiError && error.code === 'payload_too_large') return 'This file is too large; 20 MiB are the most.';
  return 'The picture can’t be looked at just now. Try again in a few seconds.';
}
