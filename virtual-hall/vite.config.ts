import { defineConfig } from 'vite';

/** The stage's page: plain modules, served by the stage itself. No inline script or style, no asset in a data URL. */
export default defineConfig({
  root: 'page',
  base: './',
  build: { outDir: '../dist/page', emptyOutDir: true, assetsInlineLimit: 0, modulePreload: false, target: 'es2022' },
});
