import type { BeforeAfterBody, RateBody } from '@darkroom/contracts/admin';
import { inPlainWords } from '../components/words.js';
import { Panel } from '../shell/page.js';

/** Shares by category, without mitigations and with them, each with its interval, in figures too. */
export function Rates({ title, rates }: { title: string; rates: Readonly<Record<string, BeforeAfterBody>> }) {
  return (
    <Panel title={title}>
      <table className="rates">
        <caption className="visually-hidden">{title}, in percent</caption>
        <thead>
          <tr>
            <th scope="col">Category</th>
            <th scope="col">
              <span className="axis">
                <span>0 %</span>
                <span>100 %</span>
              </span>
            </th>
            <th scope="col" className="number">
              Off
            </th>
            <th scope="col" className="number">
              On
            </th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(rates).map(([name, { before, after }]) => (
            <tr key={name}>
              <th scope="row">{inPlainWords(name)}</th>
              <td>
                <Interval rate={before} className="before" />
                <Interval rate={after} className="after" />
              </td>
              <td className="number">
                <Share rate={before} />
              </td>
              <td className="number">
                <strong>
                  <Share rate={after} />
                </strong>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="hint">
        <span className="key before" /> mitigations off <span className="key after" /> mitigations on
      </p>
    </Panel>
  );
}

/** A share as a dot on the line of its interval, on a scale from 0 to 1. */
function Interval({ rate, className }: { rate: RateBody | null; className: string }) {
  if (rate === null) return null;
  const { low, high, share } = rate;
  return (
    <svg viewBox="-2 0 104 8" preserveAspectRatio="none" className={`interval ${className}`} aria-hidden="true">
      <line x1={low * 100} x2={high * 100} y1="4" y2="4" />
      <line x1={share * 100} x2={share * 100} y1="4" y2="4" className="dot" />
    </svg>
  );
}

function Share({ rate }: { rate: RateBody | null }) {
  if (rate === null) return '—';
  return (
    <>
      <span>{(rate.share * 100).toFixed(0)} %</span> <span>of {rate.of}</span>
    </>
  );
}
