import type { Permission } from '@darkroom/contracts/admin';
import { type ComponentType, lazy } from 'react';

/** A part of the dashboard. */
export interface Area {
  /** First part of its pages' addresses; the area's component has the routes below it. */
  readonly path: string;
  readonly title: string;
  readonly group: 'Now' | 'Customers' | 'Safety' | 'Platform';
  /** Path of a line drawing, 24 by 24. */
  readonly icon: string;
  readonly needs: Permission;
  /** Loaded when it is first opened. */
  readonly Pages: ComponentType;
  /** Where something is shown that an id names, by the id's first letters. */
  readonly ids?: Readonly<Record<string, (id: string) => string>>;
}

/** All areas in the order of the navigation; who opens the dashboard sees the first that they may. */
export const areas: readonly Area[] = [
  {
    path: 'overview',
    title: 'Overview',
    group: 'Now',
    icon: 'M3 12h4l3-8 4 16 3-8h4',
    needs: 'read',
    Pages: lazy(() => import('../overview/overview.js').then(({ Overview }) => ({ default: Overview }))),
  },
  {
    path: 'generations',
    title: 'Generations',
    group: 'Now',
    icon: 'M4 5h16v14H4zM4 15l4-4 4 4 3-3 5 5M15 9v.01',
    needs: 'read',
    Pages: lazy(() => import('../generations/generations.js').then(({ Generations }) => ({ default: Generations }))),
    ids: { gen_: (id) => `/generations/${id}` },
  },
  {
    path: 'fleet',
    title: 'Fleet',
    group: 'Now',
    icon: 'M4 4h16v6H4zM4 14h16v6H4zM8 7v.01M8 17v.01',
    needs: 'read',
    Pages: lazy(() => import('../fleet/fleet.js').then(({ Fleet }) => ({ default: Fleet }))),
  },
  {
    path: 'models',
    title: 'Models',
    group: 'Now',
    icon: 'M12 2l9 5v10l-9 5-9-5V7zM12 12l9-5M12 12v10M12 12L3 7',
    needs: 'read',
    Pages: lazy(() => import('../models/models.js').then(({ Models }) => ({ default: Models }))),
  },
  {
    path: 'tenants',
    title: 'Tenants',
    group: 'Customers',
    icon: 'M4 21V5l8-3v19M12 8h8v13M2 21h20M8 7v.01M8 11v.01M8 15v.01M16 12v.01M16 16v.01',
    needs: 'read',
    Pages: lazy(() => import('../tenants/tenants.js').then(({ Tenants }) => ({ default: Tenants }))),
    ids: { ten_: (id) => `/tenants/${id}`, key_: (id) => `/tenants/keys/${id}` },
  },
  {
    path: 'usage',
    title: 'Usage',
    group: 'Customers',
    icon: 'M4 20V4M4 20h16M8 16v-4M12 16V8M16 16v-6',
    needs: 'read',
    Pages: lazy(() => import('../usage/usage.js').then(({ Usage }) => ({ default: Usage }))),
  },
  {
    path: 'webhooks',
    title: 'Webhooks',
    group: 'Customers',
    icon: 'M12 4v10m0 0-4-4m4 4 4-4M5 14v4a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2v-4',
    needs: 'read',
    Pages: lazy(() => import('../webhooks/webhooks.js').then(({ Webhooks }) => ({ default: Webhooks }))),
    ids: { whk_: (id) => `/webhooks/${id}` },
  },
  {
    path: 'moderation',
    title: 'Moderation',
    group: 'Safety',
    icon: 'M2 12s4-7 10-7 10 7 10 7-4 7-10 7-10-7-10-7M12 9a3 3 0 1 0 0 6a3 3 0 0 0 0-6',
    needs: 'content',
    Pages: lazy(() => import('../moderation/moderation.js').then(({ Moderation }) => ({ default: Moderation }))),
  },
  {
    path: 'red-team',
    title: 'Red team',
    group: 'Safety',
    icon: 'M12 3l8 3v6c0 5-3.5 8-8 9-4.5-1-8-4-8-9V6zM9 12l2 2 4-4',
    needs: 'read',
    Pages: lazy(() => import('../red-team/red-team.js').then(({ RedTeam }) => ({ default: RedTeam }))),
  },
  {
    path: 'audit',
    title: 'Audit log',
    group: 'Platform',
    icon: 'M9 6h11M9 12h11M9 18h11M4 6v.01M4 12v.01M4 18v.01',
    needs: 'read',
    Pages: lazy(() => import('../audit/audit.js').then(({ Audit }) => ({ default: Audit }))),
    ids: { dec_: (id) => `/audit/${id}`, act_: (id) => `/audit/${id}` },
  },
  {
    path: 'operators',
    title: 'Operators',
    group: 'Platform',
    icon: 'M12 4a4 4 0 1 0 0 8a4 4 0 0 0 0-8M4 21v-1a6 6 0 0 1 6-6h4a6 6 0 0 1 6 6v1',
    needs: 'administer',
    Pages: lazy(() => import('../operators/operators.js').then(({ Operators }) => ({ default: Operators }))),
  },
];
