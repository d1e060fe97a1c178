/*
 * The service worker caches the app's shell (this list, one name per build) so that it opens without a
 * network. It never stores an answer of the bank: figures come from the bank or from the page's own dated
 * copy. The build fills in the list of files and their version.
 */
const VERSION = '__VERSION__'
const FILES = JSON.parse('__FILES__')
const SHELL = '/app/'

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(VERSION)
      .then((cache) => cache.addAll(FILES))
      .then(() => self.skipWaiting()),
  )
})

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(names.filter((name) => name !== VERSION).map((name) => caches.delete(name))),
      )
      .then(() => self.clients.claim()),
  )
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const address = new URL(request.url)
  if (
    request.method !== 'GET' ||
    address.origin !== location.origin ||
    !address.pathname.startsWith(SHELL)
  )
    return
  if (request.mode === 'navigate') {
    // A page of the app is always the shell; the network is tried first, so that a new build is loaded.
    event.respondWith(fetch(request).catch(() => caches.match(SHELL)))
    return
  }
  event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)))
})
