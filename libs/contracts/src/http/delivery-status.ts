/** How a delivery can stand. */
export const deliveryStatuses = ['pending', 'succeeded', 'failed'] as const;

/** How a delivery stands. */
export type DeliveryStatus = (typeof deliveryStatuses)[number];
