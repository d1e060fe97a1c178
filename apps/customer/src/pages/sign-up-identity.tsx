import { Button } from 'antd-mobile'
import { LocationFill, LocationOutline } from 'antd-mobile-icons'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Customer } from '../../../shared/api.ts'
import { currentLanguage, inLanguage } from '../../../shared/i18n.ts'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { bank } from '../bank.ts'
import { draftOf } from '../confirmation.ts'
import { position, type PositionFault } from '../position.ts'
import { useVerification } from '../queries.ts'
import type { Check, FaceCheck, IdPicture, Place } from '../routes-identity.ts'
import { CardPicture } from '../ui/card-picture.tsx'
import { ConsentAsk } from '../ui/consent-ask.tsx'
import { FaceCheckFlow } from '../ui/face-check.tsx'
import { ConfirmCard } from '../ui/id-confirm.tsx'
import { MainButton, Note, ProblemNote } from '../ui/kit.tsx'
import { RetryAt } from '../ui/retry-at.tsx'
import { OtherWay } from '../ui/review-panel.tsx'

/**
 * The unconfirmed card reading. It is personal data and held in memory only: after a reload the pictures
 * are taken again.
 */
let read: { front?: IdPicture; back?: IdPicture } = {}

export function forgetPictures() {
  read = {}
}

export function hasPictures(): boolean {
  return read.front !== undefined && read.back !== undefined
}

/** Both sides of the ID card, the front first. */
export function PicturesStep(props: { onDone: () => void; again: boolean }) {
  const { t } = useTranslation()
  const [, draw] = useState(0)
  const side = read.front === undefined ? 'front' : 'back'
  return (
    <div data-testid="id-pictures" data-side={side}>
      {props.again && !read.front && <Note kind="info">{t('idPicture.again')}</Note>}
      <ol className="sides">
        {(['front', 'back'] as const).map((one) => (
          <li
            key={one}
            className={read[one] ? 'done' : one === side ? 'now' : ''}
            aria-current={one === side ? 'step' : undefined}
          >
            {t(`idPicture.side.${one}`)}
            {read[one] && <span className="only-read"> {t('stepState.done')}</span>}
          </li>
        ))}
      </ol>
      <p className="lead">{t(`idPicture.lead.${side}`)}</p>
      <CardPicture
        key={side}
        side={side}
        onRead={(picture) => {
          read = { ...read, [picture.side]: picture }
          draw((count) => count + 1)
          if (hasPictures()) props.onDone()
        }}
      />
      <Attempts />
      <OtherWay />
    </div>
  )
}

export function ConfirmStep(props: {
  onConfirmed: (answer: { customer: Customer; checks: Check[]; corrections: string[] }) => void
  onRetake: () => void
}) {
  const { t } = useTranslation()
  return (
    <>
      <ConfirmCard
        read={draftOf(read.front?.fields ?? {}, read.back?.fields ?? {})}
        onConfirmed={(answer) => {
          forgetPictures()
          props.onConfirmed(answer)
        }}
      />
      <Button
        block
        fill="none"
        color="primary"
        onClick={() => {
          forgetPictures()
          props.onRetake()
        }}
        data-testid="retake-both"
      >
        {t('idPicture.retakeBoth')}
      </Button>
      <OtherWay />
    </>
  )
}

export function FaceStep(props: { onDone: () => Promise<void> }) {
  const { t } = useTranslation()
  const [unsure, setUnsure] = useState<FaceCheck | null>(null)
  return (
    <>
      <FaceCheckFlow
        purpose="opening"
        onAccepted={() => void props.onDone()}
        onUnsure={setUnsure}
        otherWay={unsure ? undefined : <OtherWay />}
      />
      {unsure ? (
        <MainButton onClick={() => void props.onDone()} data-testid="face-next">
          {t('common.next')}
        </MainButton>
      ) : (
        <Attempts />
      )}
    </>
  )
}

/** Location step: reason, consent, position; without it staff decide. */
export function PlaceStep(props: { onDone: () => Promise<void> }) {
  const { t } = useTranslation()
  const [busy, setBusy] = useState<'share' | 'decline' | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [fault, setFault] = useState<PositionFault | null>(null)
  const [place, setPlace] = useState<Place | null>(null)

  const run = async (what: 'share' | 'decline', act: () => Promise<Place | null>) => {
    if (busy) return
    setBusy(what)
    setProblem(null)
    setFault(null)
    try {
      const answer = await act()
      if (!answer) return
      if (answer.state === 'passed') await props.onDone()
      else setPlace(answer)
    } catch (error) {
      setProblem(problemOf(error))
    } finally {
      setBusy(null)
    }
  }
  const share = () =>
    run('share', async () => {
      const found = await position()
      if (typeof found === 'string') {
        setFault(found)
        return null
      }
      return bank.call('PUT /v1/me/place', { body: found })
    })
  const decline = () => run('decline', () => bank.call('POST /v1/me/place/declined'))
  const no = (
    <Button
      block
      size="large"
      loading={busy === 'decline'}
      onClick={() => void decline()}
      data-testid="place-decline"
    >
      {t('place.decline')}
    </Button>
  )
  if (place) {
    return (
      <div data-testid="place-result" data-state={place.state}>
        <Note kind={place.state === 'refused' ? 'bad' : 'wait'}>
          <p className="note-lead">{t(`place.${place.state}`)}</p>
          {place.text && <p>{inLanguage(place.text, currentLanguage())}</p>}
        </Note>
        {place.findings.length > 0 && (
          <ul className="plain-list tips">
            {place.findings.map((one) => (
              <li key={one}>{t(`placeFinding.${one}`)}</li>
            ))}
          </ul>
        )}
        {place.state === 'refused' ? (
          <>
            <MainButton onClick={() => setPlace(null)} data-testid="place-again">
              {t('common.tryAgain')}
            </MainButton>
            <OtherWay />
          </>
        ) : (
          <MainButton onClick={() => void props.onDone()} data-testid="place-next">
            {t('common.next')}
          </MainButton>
        )}
      </div>
    )
  }
  return (
    <div data-testid="place">
      <div className="face-intro" aria-hidden>
        <LocationOutline />
      </div>
      <p className="lead">{t('place.why')}</p>
      <p className="lead">{t('place.otherwise')}</p>
      {problem && <ProblemNote problem={problem} />}
      {problem && <RetryAt problem={problem} />}
      {fault && (
        <Note kind="wait" testId="place-fault">
          {t(`positionFault.${fault}`)}
        </Note>
      )}
      <ConsentAsk purpose="location" otherwise={no}>
        <MainButton loading={busy === 'share'} onClick={() => void share()} data-testid="place-share">
          <span className="with-icon centred">
            <LocationFill aria-hidden /> {t('place.share')}
          </span>
        </MainButton>
        {no}
      </ConsentAsk>
    </div>
  )
}

/** Number of remaining attempts, shown when few are left. */
export function Attempts() {
  const { t } = useTranslation()
  const attempts = useVerification().data?.attempts
  if (!attempts) return null
  if (attempts.leftNow === 0) return <RetryAt at={attempts.retryAt} />
  if (attempts.leftToday > 5) return null
  return (
    <p className="field-hint" data-testid="attempts-left">
      {t('attempts.left', { left: attempts.leftToday })}
    </p>
  )
}
