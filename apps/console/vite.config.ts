import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

// While working on the console its calls go to a bank that runs (make run).
const bank = process.env.SYCEE_URL ?? 'http://127.0.0.1:8080'

export default defineConfig({
  base: '/console/',
  plugins: [react()],
  server: { proxy: { '/v1': bank }, fs: { allow: ['..'] } },
  // no inline scripts: the bank serves script-src 'self'
  build: { modulePreload: { polyfill: false }, assetsInlineLimit: 0, chunkSizeWarningLimit: 900 },
  test: { environment: 'node', include: ['tests/**/*.test.ts'] },
})
