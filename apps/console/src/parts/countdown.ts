// Countdown of a claim.

import { useEffect, useState } from 'react'

// Seconds until an instant, counted down; 0 once it has passed.
export function useSecondsUntil(at: string | undefined): number {
  const left = () => (at ? Math.max(0, Math.ceil((Date.parse(at) - Date.now()) / 1000)) : 0)
  const [seconds, setSeconds] = useState(left)
  useEffect(() => {
    setSeconds(left())
    const timer = setInterval(() => setSeconds(left()), 1000)
    return () => clearInterval(timer)
    // The instant is the only dependency.
    // eslint-disable-next-line
  }, [at])
  return seconds
}

// "9:05" for 545 seconds.
export function clockOf(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
