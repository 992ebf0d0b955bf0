import { Route, Routes } from 'react-router';
import { NotFound } from '../shell/page.js';
import { DeliveryPage } from './delivery-page.js';
import { WebhookList } from './webhook-list.js';
import { WebhookPage } from './webhook-page.js';

/** The pages of webhooks and their deliveries. */
export function Webhooks() {
  return (
    <Routes>
      <Route index element={<WebhookList />} />
      <Route path=":id" element={<WebhookPage />} />
      <Route path=":id/deliveries/:delivery" element={<DeliveryPage />} />
      <Route path="*" element={<NotFound />} />
    </Routes>
  );
}
