// Filters that live in the address, so that a link, a reload and the back button keep them.

import { useCallback, useMemo } from 'react'
import { useSearchParams } from 'react-router'

export type Filters<K extends string> = Partial<Record<K, string>>

// Reads the named parameters and returns a setter that drops empty ones. Other parameters are kept.
export function useFilters<K extends string>(
  names: readonly K[],
): [Filters<K>, (change: Filters<K>) => void, () => void] {
  const [params, setParams] = useSearchParams()
  const key = names.map((name) => params.get(name) ?? '').join('\u0000')
  const values = useMemo(() => {
    const found: Filters<K> = {}
    for (const name of names) {
      const value = params.get(name)
      if (value) found[name] = value
    }
    return found
    // `key` contains all values read above.
    // eslint-disable-next-line
  }, [key])
  const set = useCallback(
    (change: Filters<K>) => {
      setParams(
        (old) => {
          const next = new URLSearchParams(old)
          for (const name of Object.keys(change) as K[]) {
            const value = change[name]
            if (value) next.set(name, value)
            else next.delete(name)
          }
          return next
        },
        { replace: true },
      )
    },
    [setParams],
  )
  const clear = useCallback(() => {
    const empty: Filters<K> = {}
    for (const name of names) empty[name] = ''
    set(empty)
  }, [names, set])
  return [values, set, clear]
}
