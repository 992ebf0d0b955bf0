import type { Part } from '@darkroom/contracts/admin';
import type { ReactNode } from 'react';

/** A part of an answer: what it shows, why it could not be had, or what it means that there is nothing. */
export function PartOf<T extends object>({
  part,
  none,
  children,
}: {
  part: Part<T>;
  none: string;
  children: (value: T) => ReactNode;
}) {
  if (part === null) return <p className="hint">{none}</p>;
  if ('problem' in part) return <p className="wrong">{part.problem}</p>;
  return children(part);
}
