import { Route, Routes } from 'react-router';
import { NotFound } from '../shell/page.js';
import { KeyById } from './key-by-id.js';
import { TenantList } from './tenant-list.js';
import { TenantPage } from './tenant-page.js';

/** The pages of tenants and their keys. */
export function Tenants() {
  return (
    <Routes>
      <Route index element={<TenantList />} />
      <Route path="keys/:id" element={<KeyById />} />
      <Route path=":id" element={<TenantPage />} />
      <Route path="*" element={<NotFound />} />
    </Routes>
  );
}
