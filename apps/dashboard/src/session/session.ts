import type { Permission, SessionBody } from '@darkroom/contracts/admin';
import { useQuery } from '@tanstack/react-query';
import { resource } from '../api/queries.js';

/** Asks who is signed in, what they may do, and how one can sign in. */
export function useSession() {
  return useQuery({ ...resource<SessionBody>('session'), staleTime: 60_000 });
}

/** Tells whether the operator may do something; what they may not is not offered, and the server refuses it anyway. */
export function useMay(): (permission: Permission) => boolean {
  const { data } = useSession();
  return (permission) => data?.permissions.includes(permission) ?? false;
}
