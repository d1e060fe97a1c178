import { Button } from 'antd-mobile'
import { CameraOutline } from 'antd-mobile-icons'
import { useEffect, useRef, useState, type ChangeEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { bank } from '../bank.ts'
import { shrink, useCamera } from '../camera.ts'
import type { CardSide, IdPicture } from '../routes-identity.ts'
import { MainButton, Note, ProblemNote } from './kit.tsx'
import { RetryAt } from './retry-at.tsx'

/** Slugs for which the app adds a hint to the bank's text. */
const HELPED = [
  'picture-unreadable',
  'picture-too-large',
  'card-not-found',
  'card-side-wrong',
  'card-quality',
  'card-recaptured',
  'card-number-wrong',
  'card-expired',
  'card-minor',
  'picture-reused',
]
const QUALITY = ['blurred', 'glare', 'small', 'cut', 'screen', 'copy', 'edited']

/** One side of the ID card: camera with a frame, or a file; a preview; then the upload. */
export function CardPicture(props: { side: CardSide; onRead: (picture: IdPicture) => void }) {
  const { t } = useTranslation()
  const [stage, setStage] = useState<'choose' | 'camera' | 'look'>('choose')
  const [picture, setPicture] = useState<Blob | null>(null)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)

  const use = (blob: Blob) => {
    setPicture(blob)
    setProblem(null)
    setStage('look')
  }
  const send = async () => {
    if (!picture || busy) return
    setBusy(true)
    setProblem(null)
    try {
      const params = { side: props.side }
      props.onRead(await bank.call('PUT /v1/me/id-pictures/{side}', { params, body: picture }))
    } catch (error) {
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  const file = async (event: ChangeEvent<HTMLInputElement>) => {
    const chosen = event.target.files?.[0]
    event.target.value = ''
    if (!chosen) return
    try {
      use(await shrink(chosen))
    } catch (error) {
      setProblem(problemOf(error))
    }
  }

  if (stage === 'camera') {
    return (
      <CardCamera side={props.side} onPicture={use} onClose={() => setStage('choose')} />
    )
  }
  if (stage === 'look' && picture) {
    return (
      <>
        <Preview picture={picture} alt={t(`idPicture.preview.${props.side}`)} />
        {busy && <Note kind="wait">{t('idPicture.reading')}</Note>}
        {problem && <Refused problem={problem} />}
        {(!problem || problem.unknown) && (
          <MainButton loading={busy} onClick={() => void send()} data-testid="use-picture">
            {t(problem ? 'common.tryAgain' : 'idPicture.use')}
          </MainButton>
        )}
        <Button
          block
          size="large"
          disabled={busy}
          {...(problem && !problem.unknown ? { color: 'primary' as const } : {})}
          onClick={() => {
            setPicture(null)
            setProblem(null)
            setStage('choose')
          }}
          data-testid="retake-picture"
        >
          {t('idPicture.retake')}
        </Button>
      </>
    )
  }
  return (
    <>
      <CardSketch side={props.side} />
      <ul className="plain-list tips">
        {(['flat', 'light', 'whole', 'original'] as const).map((tip) => (
          <li key={tip}>{t(`idPicture.tip.${tip}`)}</li>
        ))}
      </ul>
      {problem && <Refused problem={problem} />}
      <MainButton onClick={() => setStage('camera')} data-testid="open-camera">
        <span className="with-icon centred">
          <CameraOutline aria-hidden /> {t('idPicture.camera')}
        </span>
      </MainButton>
      <label className="file-button">
        {t('idPicture.file')}
        <input
          type="file"
          accept="image/*"
          onChange={(event) => void file(event)}
          data-testid={`file-${props.side}`}
        />
      </label>
    </>
  )
}

function CardCamera(props: {
  side: CardSide
  onPicture: (picture: Blob) => void
  onClose: () => void
}) {
  const { t } = useTranslation()
  const { state, video, take } = useCamera('environment')
  const shoot = async () => {
    const picture = await take()
    if (picture) props.onPicture(picture)
  }
  if (state !== 'live' && state !== 'asking') {
    return (
      <>
        <Note kind="wait" testId="camera-off">
          {t(`camera.${state}`)}
        </Note>
        <MainButton onClick={props.onClose} data-testid="camera-close">
          {t('camera.useFile')}
        </MainButton>
      </>
    )
  }
  return (
    <>
      <p className="lead" role="status">
        {t(`idPicture.aim.${props.side}`)}
      </p>
      <div className="viewfinder card-shape" data-testid="card-camera">
        <video ref={video} muted playsInline aria-label={t('camera.picture')} />
        <svg className="frame" viewBox="0 0 400 300" preserveAspectRatio="none" aria-hidden>
          <path
            className="shade"
            fillRule="evenodd"
            d="M0 0H400V300H0ZM32 44a12 12 0 0 0-12 12v188a12 12 0 0 0 12 12h336a12 12 0 0 0 12-12V56a12 12 0 0 0-12-12Z"
          />
          <rect className="edge" x="20" y="44" width="360" height="212" rx="12" />
          {props.side === 'front' ? (
            <rect className="hint" x="270" y="76" width="84" height="110" rx="8" />
          ) : (
            <circle className="hint" cx="76" cy="104" r="36" />
          )}
        </svg>
      </div>
      <MainButton
        disabled={state !== 'live'}
        onClick={() => void shoot()}
        data-testid="take-picture"
      >
        {t('camera.take')}
      </MainButton>
      <Button block size="large" onClick={props.onClose} data-testid="camera-close">
        {t('common.cancel')}
      </Button>
    </>
  )
}

function Preview(props: { picture: Blob; alt: string }) {
  const { t } = useTranslation()
  const address = useAddressOf(props.picture)
  return (
    <figure className="preview">
      {address && <img src={address} alt={props.alt} data-testid="picture-preview" />}
      <figcaption>{t('idPicture.look')}</figcaption>
    </figure>
  )
}

/** The address of a picture in memory, released when the picture is no longer shown. */
function useAddressOf(picture: Blob): string | null {
  const [address, setAddress] = useState<string | null>(null)
  const shown = useRef<string | null>(null)
  useEffect(() => {
    shown.current = URL.createObjectURL(picture)
    setAddress(shown.current)
    return () => {
      if (shown.current) URL.revokeObjectURL(shown.current)
    }
  }, [picture])
  return address
}

function Refused(props: { problem: Problem }) {
  const { t } = useTranslation()
  const { problem } = props
  const quality = [problem.body.quality, problem.body.findings]
    .flat()
    .filter((one): one is string => typeof one === 'string' && QUALITY.includes(one))
  return (
    <div data-testid="picture-refused">
      <ProblemNote problem={problem} />
      {quality.length > 0 ? (
        <ul className="plain-list tips" data-testid="quality">
          {quality.map((one) => (
            <li key={one}>{t(`cardQuality.${one}`)}</li>
          ))}
        </ul>
      ) : (
        HELPED.includes(problem.slug) && <p className="lead">{t(`pictureHelp.${problem.slug}`)}</p>
      )}
      <RetryAt problem={problem} />
    </div>
  )
}

/** A drawing of the requested side; no picture of a real card. */
function CardSketch(props: { side: CardSide }) {
  return (
    <svg className="card-sketch" viewBox="0 0 214 135" aria-hidden>
      <rect className="sheet-of-card" x="1" y="1" width="212" height="133" rx="10" />
      {props.side === 'front' ? (
        <>
          <path className="ink" d="M20 28h34M20 46h20M52 46h20M20 64h60M20 82h88M20 94h64M20 116h128" />
          <circle className="ink-area" cx="168" cy="46" r="14" />
          <path className="ink-area" d="M140 92c2-22 14-28 28-28s26 6 28 28Z" />
        </>
      ) : (
        <>
          <circle className="ink-area" cx="38" cy="38" r="18" />
          <path className="ink" d="M72 28h104M72 48h104M34 96h40M84 96h96M34 114h40M84 114h96" />
        </>
      )}
    </svg>
  )
}
