import { describe, expect, it } from 'vitest'
import { positionOf } from './position.ts'

describe('position', () => {
  it.each([
    [31.2304161, 121.4737014, 34.2, '31.230416', '121.473701', 35],
    [-33.5, -0.0000001, 0, '-33.500000', '0.000000', 1],
    [31.2, 121, 1e9, '31.200000', '121.000000', 1_000_000],
  ])('%d, %d, %d m', (latitude, longitude, accuracy, north, east, metres) => {
    expect(positionOf({ latitude, longitude, accuracy })).toEqual({
      latitude: north,
      longitude: east,
      accuracyMeters: metres,
    })
  })
})
