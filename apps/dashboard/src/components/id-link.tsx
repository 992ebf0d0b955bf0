import { Link } from 'react-router';
import { usePageOf } from '../shell/page-of.js';
import { shortened } from './copy-id.js';

/** An id, shortened, with a way to the page of what it names where there is one. */
export function IdLink({ id }: { id: string | null }) {
  const to = usePageOf()(id ?? '');
  if (id === null || id === '') return '—';
  const text = <code title={id}>{shortened(id)}</code>;
  return to === undefined ? text : <Link to={to}>{text}</Link>;
}
