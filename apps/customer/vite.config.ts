import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

const BASE = '/app/'

/** Writes the list of built files, and a version made from their names, into the service worker. */
function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    generateBundle(_options, bundle) {
      const built = Object.keys(bundle).filter((name) => /\.(js|css)$/.test(name))
      const files = [
        BASE,
        ...[...built, ...readdirSync('public')].sort().map((name) => BASE + name),
      ]
      const version = createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 16)
      const source = readFileSync('sw.js', 'utf8')
        .replace('__VERSION__', version)
        .replace('__FILES__', JSON.stringify(files))
      this.emitFile({ type: 'asset', fileName: 'sw.js', source })
    },
  }
}

export default defineConfig({
  base: BASE,
  plugins: [react(), serviceWorker()],
  build: {
    target: 'es2022',
    // A data: address would need its own entry in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // In development, API calls go to a running bank (make run).
  server: { proxy: { '/v1': process.env.SYCEE_URL ?? 'http://127.0.0.1:8080' } },
})
