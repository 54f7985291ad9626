import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';

/**
 * Builds the console to `web-console/dist` for the hall server to serve at `/`.
 * Workspace packages are read from their sources, so nothing has to be built before. Everything is a file of its own:
 * with `default-src 'self'` and inline styles for style only, the page runs under a strict content security policy.
 */
export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react()],
  resolve: { conditions: ['@hall/source', ...defaultClientConditions] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    modulePreload: { polyfill: false },
  },
  server: {
    host: '127.0.0.1',
    proxy: {
      '/api': 'http://127.0.0.1:8080',
      '/realtime': { target: 'http://127.0.0.1:8080', ws: true },
    },
  },
});
