import type { Part } from '@darkroom/contracts/admin';
import type { ReceiptBody } from '@darkroom/contracts/http';
import { useState } from 'react';
import { Facts } from '../components/table.js';
import { Panel } from '../shell/page.js';
import { PartOf } from './part-of.js';

/** What a generation was made with: everything that makes the same bytes again. */
export function Receipt({ part }: { part: Part<ReceiptBody> }) {
  const [isCopied, setIsCopied] = useState(false);
  const copy = (receipt: ReceiptBody) =>
    void navigator.clipboard.writeText(JSON.stringify(receipt, null, 2)).then(() => setIsCopied(true));
  const receipt = part !== null && 'model' in part ? part : undefined;
  return (
    <Panel
      title="Receipt"
      actions={
        receipt !== undefined && (
          <button type="button" onClick={() => copy(receipt)}>
            {isCopied ? 'Copied' : 'Copy as JSON'}
          </button>
        )
      }
    >
      <PartOf part={part} none="There is none: it has not succeeded, or it is not kept any more.">
        {({ model_digest, scheduler, shift, seed, guidance_scale, versions }) => (
          <Facts
            facts={[
              ['Model digest', <code key="digest">{model_digest}</code>],
              ['Scheduler', `${scheduler}, shift ${shift}`],
              ['Seed', seed],
              ['Guidance scale', guidance_scale],
              ...Object.entries(versions),
            ]}
          />
        )}
      </PartOf>
    </Panel>
  );
}
