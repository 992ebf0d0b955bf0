import { losses } from './losses.js';
import { orders } from './orders.js';
import { scaling } from './scaling.js';
import { size } from './size.js';
import type { Study } from './study.js';

/** All studies, in the order in which they are published. */
export const studies: readonly Study[] = [orders, scaling, losses, size];
