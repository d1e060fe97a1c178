import { useCallback, useEffect, useRef, useState } from 'react'
import { Problem } from '../../shared/problem.ts'
import { coveredPart, fitWithin, JPEG_QUALITY, type Area, type Size } from './picture.ts'

/** off: no camera, or none that this page may use; denied: the user refused. */
export type CameraState = 'asking' | 'live' | 'denied' | 'off' | 'busy'

/**
 * A camera for the lifetime of the component. `video` goes to a <video>; `take` returns the visible part as
 * a JPEG. The camera stops when the component unmounts.
 */
export function useCamera(facing: 'environment' | 'user') {
  const element = useRef<HTMLVideoElement | null>(null)
  const stream = useRef<MediaStream | null>(null)
  const [state, setState] = useState<CameraState>('asking')

  const show = useCallback(() => {
    const video = element.current
    if (!video || !stream.current || video.srcObject === stream.current) return
    video.srcObject = stream.current
    // Browsers without autoplay show their own button.
    void video.play().catch(() => undefined)
  }, [])
  const video = useCallback(
    (place: HTMLVideoElement | null) => {
      element.current = place
      show()
    },
    [show],
  )

  useEffect(() => {
    let gone = false
    const open = async () => {
      if (!navigator.mediaDevices?.getUserMedia) return setState('off')
      try {
        const found = await navigator.mediaDevices.getUserMedia({
          audio: false,
          video: {
            facingMode: { ideal: facing },
            width: { ideal: 1920 },
            height: { ideal: 1080 },
          },
        })
        if (gone) return stop(found)
        stream.current = found
        found.getVideoTracks()[0]?.addEventListener('ended', () => setState('busy'))
        setState('live')
        show()
      } catch (error) {
        if (!gone) setState(stateOf(error))
      }
    }
    void open()
    return () => {
      gone = true
      if (stream.current) stop(stream.current)
      stream.current = null
    }
  }, [facing, show])

  const take = useCallback(async (): Promise<Blob | null> => {
    const place = element.current
    if (!place || place.videoWidth === 0) return null
    const size = { width: place.videoWidth, height: place.videoHeight }
    const box = { width: place.clientWidth, height: place.clientHeight }
    return drawn(place, coveredPart(size, box))
  }, [])
  return { state, video, take }
}

function stop(stream: MediaStream) {
  stream.getTracks().forEach((track) => track.stop())
}

function stateOf(error: unknown): CameraState {
  const name = error instanceof DOMException ? error.name : ''
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied'
  if (name === 'NotReadableError' || name === 'AbortError') return 'busy'
  return 'off'
}

/** A chosen file, upright and reduced to the size for upload. */
export async function shrink(file: Blob): Promise<Blob> {
  let image: ImageBitmap
  try {
    image = await createImageBitmap(file, { imageOrientation: 'from-image' })
  } catch {
    throw new Problem({ type: '/problems/picture-unreadable' }, 422)
  }
  try {
    return await drawn(image, { x: 0, y: 0, width: image.width, height: image.height })
  } finally {
    image.close()
  }
}

async function drawn(source: CanvasImageSource, part: Area): Promise<Blob> {
  const size: Size = fitWithin(part)
  const canvas = document.createElement('canvas')
  canvas.width = size.width
  canvas.height = size.height
  const context = canvas.getContext('2d')
  context?.drawImage(
    source, part.x, part.y, part.width, part.height, 0, 0, size.width, size.height,
  )
  const blob = await new Promise<Blob | null>((done) =>
    canvas.toBlob(done, 'image/jpeg', JPEG_QUALITY),
  )
  if (!blob) throw new Problem({ type: '/problems/picture-unreadable' }, 422)
  return blob
}
