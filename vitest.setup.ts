import { vi } from 'vitest';

// The files of one worker share what node_modules hold, and nothing of ours: modules keep state, those of fixtures above all.
vi.resetModules();
