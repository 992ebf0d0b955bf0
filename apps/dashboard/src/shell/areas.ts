import { type ComponentType, lazy } from 'react';
import type { Permission } from '../session/session.js';

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
    path: 'tenants',
    title: 'Tenants',
    group: 'Customers',
    icon: 'M4 21V5l8-3v19M12 8h8v13M2 21h20M8 7v.01M8 11v.01M8 15v.01M16 12v.01M16 16v.01',
    needs: 'read',
    Pages: lazy(() => import('../tenants/tenants.js').then(({ Tenants }) => ({ default: Tenants }))),
    ids: { ten_: (id) => `/tenants/${id}`, key_: (id) => `/tenants/keys/${id}` },
  },
];
