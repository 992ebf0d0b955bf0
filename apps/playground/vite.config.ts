import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  // The page may be served below any path.
  base: './',
  build: { outDir: 'dist', target: 'es2023', sourcemap: true },
  server: { proxy: { '/v1': 'http://127.0.0.1:8080' } },
});
