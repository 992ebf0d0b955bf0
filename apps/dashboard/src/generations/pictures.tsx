import type { GenerationImageBody, WholeGenerationBody } from '@darkroom/contracts/admin';
import { useState } from 'react';
import { addressOf } from '../api/request.js';
import { Badge } from '../components/badge.js';
import { CopyId } from '../components/copy-id.js';
import { useMay } from '../session/session.js';
import { Panel } from '../shell/page.js';
import { PartOf } from './part-of.js';

const addressOfImage = (id: string, index: number) => addressOf(`generations/${id}/images/${index}`);

/** A generation's first picture, small, once somebody asks for it. */
export function Thumbnail({ id }: { id: string }) {
  const [isShown, setIsShown] = useState(false);
  if (isShown) return <img className="thumbnail" src={addressOfImage(id, 0)} alt="What was made" />;
  return (
    <button type="button" className="tiny" onClick={() => setIsShown(true)}>
      Show
    </button>
  );
}

/** A generation's pictures, as its tenant gets them; none is loaded before somebody asks for it, which the audit log tells. */
export function Pictures({ generation: { id, images } }: { generation: WholeGenerationBody }) {
  return (
    <Panel title="Pictures">
      <PartOf part={images} none="There are none: it has not succeeded, or they are not kept any more.">
        {(all) => (
          <ul className="pictures">
            {all.map((image) => (
              <Picture key={image.index} id={id} image={image} />
            ))}
          </ul>
        )}
      </PartOf>
    </Panel>
  );
}

function Picture({ id, image: { index, seed, width, height, sha256, blurred } }: { id: string; image: GenerationImageBody }) {
  const may = useMay();
  const [isShown, setIsShown] = useState(false);
  const [isGone, setIsGone] = useState(false);
  return (
    <li>
      <div className="picture" style={{ aspectRatio: `${width} / ${height}` }}>
        {isGone ? (
          <p className="hint">It could not be loaded.</p>
        ) : isShown ? (
          <img src={addressOfImage(id, index)} alt={`What was made, number ${index + 1}`} onError={() => setIsGone(true)} />
        ) : may('content') ? (
          <button type="button" onClick={() => setIsShown(true)}>
            Show image {index + 1}
          </button>
        ) : (
          <p className="hint">Your role doesn’t let you see pictures.</p>
        )}
      </div>
      <p className="hint">
        Seed {seed}, {width}×{height} <CopyId id={sha256} what="SHA-256" />
      </p>
      {blurred && <Badge tone="warn">blurred until a reviewer lets it go</Badge>}
    </li>
  );
}
