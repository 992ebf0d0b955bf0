import type { OperatorRole, Permission, SignInWay } from '@darkroom/contracts/admin';
import { useQuery } from '@tanstack/react-query';
import { ApiError, request } from '../api/request.js';

/** Who is signed in, and what they may do. */
export interface Session {
  readonly operator: { readonly name: string; readonly role: OperatorRole; readonly via: SignInWay };
  readonly permissions: readonly Permission[];
}

/** Asks who is signed in; null when nobody is. */
export function useSession() {
  return useQuery({
    queryKey: ['session'],
    queryFn: async ({ signal }): Promise<Session | null> => {
      try {
        return (await (await request('GET', 'session', { signal })).json()) as Session;
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return null;
        throw error;
      }
    },
    staleTime: 60_000,
  });
}

/** Tells whether the operator may do something; what they may not is not offered, and the server refuses it anyway. */
export function useMay(): (permission: Permission) => boolean {
  const { data } = useSession();
  return (permission) => data?.permissions.includes(permission) ?? false;
}
