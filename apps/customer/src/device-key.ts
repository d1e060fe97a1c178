/**
 * The bank recognises a browser by this key: 32 random characters, created once and stored. It signs nobody
 * in; without it a sign-in counts as one from a new device.
 */
const NAME = 'sycee.device'
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

export function makeDeviceKey(random = crypto.getRandomValues(new Uint8Array(32))): string {
  // 64 symbols: the low six bits choose each with equal probability.
  return Array.from(random, (byte) => ALPHABET[byte & 63]).join('')
}

/** null without browser storage: a key that changes each time would only look suspicious. */
export function deviceKey(store: Pick<Storage, 'getItem' | 'setItem'> | null = localStore()): string | null {
  try {
    if (!store) return null
    const kept = store.getItem(NAME)
    if (kept !== null && /^[A-Za-z0-9_-]{22,64}$/.test(kept)) return kept
    const made = makeDeviceKey()
    store.setItem(NAME, made)
    return made
  } catch {
    return null
  }
}

function localStore(): Storage | null {
  try {
    return localStorage
  } catch {
    return null
  }
}
