import { createClient } from '../../shared/api.ts'
import { currentLanguage, LANGUAGES } from '../../shared/i18n.ts'
import type { Routes, Schemas } from '../../shared/routes.ts'
import { deviceKey } from './device-key.ts'

export type { Routes }
export type ConsentText = Schemas['ConsentText']
export type Consent = Schemas['Consent']
export type CodePurpose = Routes['POST /v1/phone-codes']['body']['purpose']
export type PhoneCode = Schemas['PhoneCode']
export type SignedIn = Schemas['SignedIn']
export type CardBinding = Schemas['CardBinding']
export type Limit = Schemas['Limit']
export type PayeeCheck = Schemas['PayeeCheck']
export type TransferOrder = Routes['POST /v1/transfers']['body']
export type CardOrder = Routes['POST /v1/top-ups']['body']
export type Message = Schemas['Message']

let sessionOver = () => {}

export function onSessionOver(act: () => void) {
  sessionOver = act
}

/** Whether the last request was answered; a device may have a network without a connection to the bank. */
let reachable = true
const watchers = new Set<() => void>()

export function isReachable(): boolean {
  return reachable && navigator.onLine
}

export function watchReach(watcher: () => void): () => void {
  watchers.add(watcher)
  window.addEventListener('online', watcher)
  window.addEventListener('offline', watcher)
  return () => {
    watchers.delete(watcher)
    window.removeEventListener('online', watcher)
    window.removeEventListener('offline', watcher)
  }
}

function mark(now: boolean) {
  if (now === reachable) return
  reachable = now
  watchers.forEach((watcher) => watcher())
}

const watchedFetch: typeof fetch = async (address, init) => {
  try {
    const response = await fetch(address, init)
    mark(true)
    return response
  } catch (error) {
    if (error instanceof TypeError) mark(false)
    throw error
  }
}

export const bank = createClient<Routes>({
  fetch: watchedFetch,
  language: () => LANGUAGES[currentLanguage()],
  onSessionOver: () => sessionOver(),
})

/** Description of this browser, sent with every sign-up and sign-in. */
export function thisDevice(): { deviceName: string; deviceKey?: string } {
  const key = deviceKey()
  return key === null ? { deviceName: deviceName() } : { deviceName: deviceName(), deviceKey: key }
}

/** Name of this browser in the list of sessions. */
function deviceName(): string {
  const agent = navigator.userAgent
  const system = /iPhone|iPad|Android|Windows|Mac OS|Linux/.exec(agent)?.[0] ?? 'Web'
  const browser = /Edg|Firefox|Chrome|Safari/.exec(agent)?.[0]?.replace('Edg', 'Edge') ?? 'Browser'
  return `${browser} · ${system.replace('Mac OS', 'Mac')}`
}
