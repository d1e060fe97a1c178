/** The phone's position in the bank's format: decimal text, whole metres. */
export interface Position {
  latitude: string
  longitude: string
  accuracyMeters: number
}

/** denied: refused by user or system; none: no position found; unsupported: no such interface. */
export type PositionFault = 'denied' | 'none' | 'unsupported'

const FIX_MS = 20_000
const ACCURACY_MAX = 1_000_000

export function positionOf(coords: {
  latitude: number
  longitude: number
  accuracy: number
}): Position {
  return {
    latitude: degrees(coords.latitude),
    longitude: degrees(coords.longitude),
    accuracyMeters: Math.min(ACCURACY_MAX, Math.max(1, Math.ceil(coords.accuracy))),
  }
}

/** Six decimals are a tenth of a metre; "-0" becomes "0". */
function degrees(value: number): string {
  return value.toFixed(6).replace(/^-(0\.0+)$/, '$1')
}

export function position(): Promise<Position | PositionFault> {
  if (!('geolocation' in navigator)) return Promise.resolve('unsupported')
  return new Promise((done) =>
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => done(positionOf(coords)),
      (error) => done(error.code === error.PERMISSION_DENIED ? 'denied' : 'none'),
      { enableHighAccuracy: true, timeout: FIX_MS, maximumAge: 60_000 },
    ),
  )
}
