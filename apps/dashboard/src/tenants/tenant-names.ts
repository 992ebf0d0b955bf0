import type { ListBody, TenantBody } from '@darkroom/contracts/admin';
import { useQuery } from '@tanstack/react-query';
import { resource } from '../api/queries.js';

/** Names of tenants by their ids; none before they are there. */
export function useTenantNames(): ReadonlyMap<string, string> {
  const { data } = useQuery(resource<ListBody<TenantBody>>('tenants'));
  return new Map(data?.data.map(({ id, name }) => [id, name]));
}
