import { describe, expect, it } from 'vitest'
import { coveredPart, fitWithin } from './picture.ts'

describe('sizes of pictures', () => {
  it.each([
    ['a phone’s photograph', { width: 4032, height: 3024 }, { width: 1920, height: 1440 }],
    ['the same upright', { width: 3024, height: 4032 }, { width: 1440, height: 1920 }],
    ['a small one stays', { width: 640, height: 480 }, { width: 640, height: 480 }],
    ['a line keeps a pixel', { width: 10_000, height: 1 }, { width: 1920, height: 1 }],
  ])('%s', (_what, size, wanted) => expect(fitWithin(size)).toEqual(wanted))

  it.each([
    ['same proportions: all of it', [1920, 1080], [320, 180], [0, 0, 1920, 1080]],
    ['a wide video in an upright box loses its sides', [1920, 1080], [300, 400], [555, 0, 810, 1080]],
    ['an upright video in a wide box loses top and bottom', [1080, 1920], [400, 300], [0, 555, 1080, 810]],
    ['a box that is not laid out yet', [640, 480], [0, 0], [0, 0, 640, 480]],
  ])('%s', (_what, video, box, wanted) => {
    const [width = 0, height = 0] = video
    const [boxWidth = 0, boxHeight = 0] = box
    const [x, y, partWidth, partHeight] = wanted
    expect(coveredPart({ width, height }, { width: boxWidth, height: boxHeight })).toEqual({
      x,
      y,
      width: partWidth,
      height: partHeight,
    })
  })
})
