import { Route, Routes } from 'react-router';
import { NotFound } from '../shell/page.js';
import { EntryList } from './entry-list.js';
import { EntryPage } from './entry-page.js';

/** The pages of the audit log. */
export function Audit() {
  return (
    <Routes>
      <Route index element={<EntryList />} />
      <Route path=":id" element={<EntryPage />} />
      <Route path="*" element={<NotFound />} />
    </Routes>
  );
}
