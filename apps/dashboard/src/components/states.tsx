import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiError } from '../api/request.js';

/** Shown while something is on its way. */
export function Loading() {
  return (
    <p className="loading" role="status">
      Loading…
    </p>
  );
}

/** Shown where something could not be had, with the server's words for it. */
export function Failure({ error, retry }: { error: Error; retry?: () => void }) {
  return (
    <div role="alert" className="failure">
      <p>{error.message}</p>
      {error instanceof ApiError && error.code !== 'unreachable' && <p className="hint">Error code: {error.code}</p>}
      {retry !== undefined && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Shown where there is nothing, with why, and what would change that. */
export function Empty({ children }: { children: ReactNode }) {
  return <div className="empty">{children}</div>;
}

/** Shows what a query has answered; until then that it loads, and what has gone wrong when it did. */
export function Loaded<T>({ query, children }: { query: UseQueryResult<T>; children: (data: T) => ReactNode }) {
  const { data, error, refetch } = query;
  if (data !== undefined) {
    return (
      <>
        {error !== null && <Failure error={error} retry={() => void refetch()} />}
        {children(data)}
      </>
    );
  }
  return error === null ? <Loading /> : <Failure error={error} retry={() => void refetch()} />;
}
