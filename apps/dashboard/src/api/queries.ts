import type { ListBody } from '@darkroom/contracts/admin';
import {
  infiniteQueryOptions,
  MutationCache,
  QueryCache,
  QueryClient,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query';
import { useNotify } from '../shell/notices.js';
import { ApiError, type Params, request } from './request.js';

/** Where what the admin API answers is kept; a session that the server knows no more has ended here too. */
export function createQueryClient(): QueryClient {
  const onError = (error: Error) => {
    if (error instanceof ApiError && error.status === 401) void client.invalidateQueries({ queryKey: ['session'] });
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        // A control plane on this machine is there without a network too.
        networkMode: 'always',
        staleTime: 5_000,
        // Refusals stay refusals; what fails may be back soon.
        retry: (count, error) => count < 2 && error instanceof ApiError && (error.status === 0 || error.status >= 500),
      },
      mutations: { networkMode: 'always' },
    },
  });
  return client;
}

/** What a `GET` of the admin API answers, for `useQuery`; its key begins with the path's parts, so that one part makes all below it stale. */
export function resource<T>(path: string, params: Params = {}) {
  return queryOptions({ queryKey: [...path.split('/'), params], queryFn: ({ signal }) => read<T>(path, params, signal) });
}

/**
 * A list of the admin API page by page, for `useInfiniteQuery`.
 *
 * @param cursor the parameters that ask for what comes after an item; without it, the server says after what the next page begins.
 */
export function pages<T>(path: string, params: Params, cursor?: (last: T) => Params) {
  return infiniteQueryOptions({
    queryKey: [...path.split('/'), params, 'pages'],
    queryFn: ({ signal, pageParam }) => read<ListBody<T>>(path, { ...params, ...pageParam }, signal),
    initialPageParam: {} as Params,
    getNextPageParam: ({ data, has_more, last_id }) => {
      if (has_more !== true) return undefined;
      if (cursor === undefined) return { after: last_id ?? undefined };
      const last = data.at(-1);
      return last && cursor(last);
    },
    select: ({ pages }) => pages.flatMap(({ data }) => data),
  });
}

/**
 * Something that changes the platform, for a button or a form: afterwards what it may have changed is asked for again, and `done` is said.
 *
 * @param changed first parts of paths whose answers are stale then.
 */
export function useChange<Input, Output>(
  change: (input: Input) => Promise<Output>,
  { changed, done }: { changed: readonly string[]; done?: string | ((output: Output, input: Input) => string) },
) {
  const client = useQueryClient();
  const notify = useNotify();
  return useMutation({
    mutationFn: change,
    onSuccess: async (output, input) => {
      if (done !== undefined) notify(typeof done === 'string' ? done : done(output, input));
      await Promise.all(changed.map((path) => client.invalidateQueries({ queryKey: path.split('/') })));
    },
  });
}

async function read<T>(path: string, params: Params, signal: AbortSignal): Promise<T> {
  return (await (await request('GET', path, { params, signal })).json()) as T;
}
