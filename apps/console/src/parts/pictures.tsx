// Pictures of a case. All boxes have the same size, so that two faces are compared at the same scale; the
// browser caches none of them (the bank sends no-store).

import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CasePicture } from '../api/types'
import { Instant, Nothing } from './bits'

const faces = ['selfie', 'cardPortrait', 'registryPortrait'] as const
const cards = ['idFront', 'idBack'] as const
const frames = ['frame1', 'frame2', 'frame3'] as const

// The newest picture of a kind.
function newestOf(pictures: CasePicture[], kind: string): CasePicture | undefined {
  return pictures.filter((p) => p.kind === kind).sort((a, b) => b.at.localeCompare(a.at))[0]
}

function Picture({ picture, kind, shape }: { picture: CasePicture | undefined; kind: string; shape: string }) {
  const { t } = useTranslation()
  const [failed, setFailed] = useState(false)
  const name = t(`picture.${kind}`, { defaultValue: kind })
  return (
    <figure className={`picture picture-${shape}`} data-testid={`picture-${kind}`}>
      <div className="picture-box">
        {picture && !failed ? (
          <img src={`/v1/staff/pictures/${picture.pictureId}`} alt={name} onError={() => setFailed(true)} />
        ) : (
          <span className="muted">{t(picture ? 'picture.failed' : 'picture.missing')}</span>
        )}
      </div>
      <figcaption>
        <strong>{name}</strong> {picture && <Instant at={picture.at} />}
      </figcaption>
    </figure>
  )
}

export function Pictures({ pictures }: { pictures: CasePicture[] }) {
  const { t } = useTranslation()
  if (pictures.length === 0) return <Nothing text={t('picture.none')} />
  const row = (kinds: readonly string[], shape: string) => (
    <div className="pictures">
      {kinds.map((kind) => {
        const picture = newestOf(pictures, kind)
        return <Picture key={`${kind}-${picture?.pictureId ?? ''}`} picture={picture} kind={kind} shape={shape} />
      })}
    </div>
  )
  return (
    <>
      {row(faces, 'face')}
      {row(cards, 'card')}
      {frames.some((kind) => newestOf(pictures, kind)) && row(frames, 'face')}
    </>
  )
}
