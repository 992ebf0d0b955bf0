import { Route, Routes } from 'react-router';
import { NotFound } from '../shell/page.js';
import { GenerationList } from './generation-list.js';
import { GenerationPage } from './generation-page.js';
import './generations.css';

/** The pages of generations. */
export function Generations() {
  return (
    <Routes>
      <Route index element={<GenerationList />} />
      <Route path=":id" element={<GenerationPage />} />
      <Route path="*" element={<NotFound />} />
    </Routes>
  );
}
