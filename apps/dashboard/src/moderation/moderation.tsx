import './moderation.css';
import { Route, Routes } from 'react-router';
import { NotFound } from '../shell/page.js';
import { PolicyPage } from './policy-page.js';
import { ReviewList } from './review-list.js';
import { ReviewPage } from './review-page.js';

/** The pages of moderation: what people are to look at, and by which policies verdicts are given. */
export function Moderation() {
  return (
    <Routes>
      <Route index element={<ReviewList />} />
      <Route path="policies" element={<PolicyPage />} />
      <Route path="policies/:tenant" element={<PolicyPage />} />
      <Route path=":id" element={<ReviewPage />} />
      <Route path="*" element={<NotFound />} />
    </Routes>
  );
}
