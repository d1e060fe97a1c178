// Keys of the console. Single letters are ignored while the focus is in a field, a modifier is held, or a
// dialog is open.

import { useEffect, useRef } from 'react'

export type Keys = Record<string, (event: KeyboardEvent) => void>

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
  )
}

// Whether a drawer or dialog covers the page; its keys take precedence.
function covered(): boolean {
  return document.querySelector('.ant-modal-wrap:not([style*="display: none"]), .ant-drawer-open') !== null
}

export function useKeys(keys: Keys, options: { underDialogs?: boolean } = {}): void {
  const latest = useRef(keys)
  latest.current = keys
  const { underDialogs = false } = options
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
      if (typing(event.target) || (!underDialogs && covered())) return
      const run = latest.current[event.key]
      if (run) run(event)
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [underDialogs])
}

// Two keys in sequence, such as g then c, within 1.5 seconds.
export function useChord(first: string, seconds: Keys): void {
  const armedUntil = useRef(0)
  const keys: Keys = {
    [first]: () => {
      armedUntil.current = performance.now() + 1500
    },
  }
  for (const [key, run] of Object.entries(seconds)) {
    keys[key] = (event) => {
      if (performance.now() > armedUntil.current) return
      armedUntil.current = 0
      event.preventDefault()
      run(event)
    }
  }
  useKeys(keys)
}
