import { useSyncExternalStore } from 'react'
import type { Language } from '../../shared/i18n.ts'
import type { Money } from '../../shared/money.ts'

/** Data stored in this browser: settings, and the last balance for use without a network. */
export interface Settings {
  language: Language | null
  theme: 'auto' | 'light' | 'dark'
  letters: 'normal' | 'large'
  hidden: boolean
  bankName: { en: string; zh: string } | null
}

export interface LastSeen {
  balance: Money
  at: string
}

const NAME = 'sycee.settings'
const LAST = 'sycee.last-seen'
const SIGNED_IN = 'sycee.signed-in'
const FIRST: Settings = {
  language: null,
  theme: 'auto',
  letters: 'normal',
  hidden: false,
  bankName: null,
}

let settings: Settings = { ...FIRST, ...read<Partial<Settings>>(NAME) }
const listeners = new Set<() => void>()

export function getSettings(): Settings {
  return settings
}

export function changeSettings(change: Partial<Settings>) {
  settings = { ...settings, ...change }
  write(NAME, settings)
  applyLook()
  listeners.forEach((listener) => listener())
}

export function useSettings(): Settings {
  return useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, getSettings)
}

/** Sets theme and text size on <html>, from which the style sheet and antd-mobile read them. */
export function applyLook() {
  const dark = settings.theme === 'dark' || (settings.theme === 'auto' && darkWanted().matches)
  const root = document.documentElement
  root.dataset.prefersColorScheme = dark ? 'dark' : 'light'
  root.dataset.letters = settings.letters
}

export function watchLook() {
  darkWanted().addEventListener('change', applyLook)
  applyLook()
}

function darkWanted() {
  return window.matchMedia('(prefers-color-scheme: dark)')
}

export function lastSeen(): LastSeen | null {
  return read<LastSeen>(LAST)
}

export function rememberBalance(balance: Money) {
  write(LAST, { balance, at: new Date().toISOString() } satisfies LastSeen)
}

/**
 * Whether to request the signed-in customer at all: scripts cannot read the session's cookie, and without a
 * session the request would be refused. Without storage the request is always made.
 */
export function mayBeSignedIn(): boolean {
  try {
    return localStorage.getItem(SIGNED_IN) !== null
  } catch {
    return true
  }
}

export function rememberSignedIn(yes: boolean) {
  try {
    if (yes) localStorage.setItem(SIGNED_IN, 'yes')
    else localStorage.removeItem(SIGNED_IN)
  } catch {
    // See mayBeSignedIn.
  }
}

export function forgetBalance() {
  try {
    localStorage.removeItem(LAST)
  } catch {
    // Without storage there is nothing to delete.
  }
}

function read<T>(name: string): T | null {
  try {
    return JSON.parse(localStorage.getItem(name) ?? 'null') as T | null
  } catch {
    return null
  }
}

function write(name: string, value: unknown) {
  try {
    localStorage.setItem(name, JSON.stringify(value))
  } catch {
    // Private windows may refuse storage; the setting then lasts until the page is closed.
  }
}
