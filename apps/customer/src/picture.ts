/** Sizes of pictures; pure, tested without a camera. */
export const SIDE_MAX = 1920
export const JPEG_QUALITY = 0.85
/** The bank accepts at most 3 MB; a JPEG of 1920 pixels is far smaller. */
export const BYTES_MAX = 3 * 1024 * 1024

export interface Size {
  width: number
  height: number
}

export interface Area extends Size {
  x: number
  y: number
}

/** The size within a square of `max`, in the same proportions; never enlarged. */
export function fitWithin(size: Size, max = SIDE_MAX): Size {
  const longer = Math.max(size.width, size.height)
  if (longer <= max) return { width: size.width, height: size.height }
  const scale = max / longer
  return {
    width: Math.max(1, Math.round(size.width * scale)),
    height: Math.max(1, Math.round(size.height * scale)),
  }
}

/** The part of a video that its box shows under `object-fit: cover`, so that the visible part is sent. */
export function coveredPart(video: Size, box: Size): Area {
  if (video.width <= 0 || video.height <= 0 || box.width <= 0 || box.height <= 0) {
    return { x: 0, y: 0, width: video.width, height: video.height }
  }
  const scale = Math.max(box.width / video.width, box.height / video.height)
  const width = Math.min(video.width, Math.round(box.width / scale))
  const height = Math.min(video.height, Math.round(box.height / scale))
  return {
    x: Math.round((video.width - width) / 2),
    y: Math.round((video.height - height) / 2),
    width,
    height,
  }
}
