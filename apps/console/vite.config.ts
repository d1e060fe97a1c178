import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

// In development, API calls go to a running bank (make run).
const bank = process.env.SYCEE_URL ?? 'http://127.0.0.1:8080'

export default defineConfig({
  base: '/console/',
  plugins: [react()],
  server: { proxy: { '/v1': bank }, fs: { allow: ['..'] } },
  // No inline scripts: the bank's policy is script-src 'self'.
  build: { modulePreload: { polyfill: false }, assetsInlineLimit: 0, chunkSizeWarningLimit: 900 },
  test: { environment: 'node', include: ['tests/**/*.test.ts'] },
})
