import { Button } from 'antd-mobile'
import { ScanningFaceOutline } from 'antd-mobile-icons'
import { useCallback, useEffect, useRef, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { currentLanguage, inLanguage } from '../../../shared/i18n.ts'
import { newKey } from '../../../shared/idempotency.ts'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { bank } from '../bank.ts'
import { useCamera } from '../camera.ts'
import { actionOf, afterFault, nextFrame, qualityOf } from '../face-steps.ts'
import type { FaceCheck, FacePurpose } from '../routes-identity.ts'
import { ConsentAsk } from './consent-ask.tsx'
import { ActionPicture } from './face-pictures.tsx'
import { MainButton, Note, ProblemNote, useSecondsTo } from './kit.tsx'
import { RetryAt } from './retry-at.tsx'

const COUNT_S = 3
/**
 * Time to move before the next attempt, and number of automatic attempts before the user triggers the
 * picture.
 */
const COUNT_AGAIN_S = 5
const FAULTS_MAX = 2

/**
 * The face check: a camera, one picture looking straight ahead and one for each requested action. Pictures
 * come from the camera only. `otherWay` is always visible.
 */
export function FaceCheckFlow(props: {
  purpose: FacePurpose
  onAccepted: (check: FaceCheck) => void
  /** Shown while staff decide; without it the result is shown and the flow stops. */
  onUnsure?: (check: FaceCheck) => void
  otherWay?: ReactNode
}) {
  const { t } = useTranslation()
  const [check, setCheck] = useState<FaceCheck | null>(null)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)

  const start = async () => {
    if (busy) return
    setBusy(true)
    setProblem(null)
    try {
      const body = { purpose: props.purpose }
      setCheck(await bank.call('POST /v1/face-checks', { body, key: newKey() }))
    } catch (error) {
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  const over = (done: FaceCheck) => {
    setCheck(done)
    if (done.state === 'accepted') props.onAccepted(done)
    if (done.state === 'unsure') props.onUnsure?.(done)
  }
  return (
    <div data-testid="face-check" data-state={check?.state ?? 'start'}>
      <ConsentAsk purpose="biometrics">
        {check?.state === 'open' ? (
          <Challenge
            key={check.faceCheckId}
            check={check}
            onCheck={setCheck}
            onOver={over}
            onProblem={(failed) => {
              setCheck(null)
              setProblem(failed)
            }}
          />
        ) : (
          <>
            {check && <Result check={check} />}
            {!check && <Intro />}
            {problem && <ProblemNote problem={problem} />}
            {problem && <RetryAt problem={problem} />}
            {check?.state !== 'accepted' && check?.state !== 'unsure' && (
              <MainButton loading={busy} onClick={() => void start()} data-testid="face-start">
                {t(check || problem ? 'face.again' : 'face.start')}
              </MainButton>
            )}
          </>
        )}
      </ConsentAsk>
      {props.otherWay}
    </div>
  )
}

function Intro() {
  const { t } = useTranslation()
  return (
    <>
      <div className="face-intro" aria-hidden>
        <ScanningFaceOutline />
      </div>
      <p className="lead">{t('face.why')}</p>
      <ul className="plain-list tips">
        {(['light', 'alone', 'bare', 'minute'] as const).map((tip) => (
          <li key={tip}>{t(`face.tip.${tip}`)}</li>
        ))}
      </ul>
    </>
  )
}

function Result(props: { check: FaceCheck }) {
  const { t } = useTranslation()
  const { state, text } = props.check
  const kind = state === 'accepted' ? 'good' : state === 'unsure' ? 'wait' : 'bad'
  return (
    <Note kind={kind} testId="face-result">
      <p className="note-lead">{t(`face.result.${state}`)}</p>
      {text && <p>{inLanguage(text, currentLanguage())}</p>}
    </Note>
  )
}

/** Camera and pictures of one challenge. */
function Challenge(props: {
  check: FaceCheck
  onCheck: (check: FaceCheck) => void
  onOver: (check: FaceCheck) => void
  onProblem: (problem: Problem) => void
}) {
  const { t } = useTranslation()
  const { check } = props
  const { state, video, take } = useCamera('user')
  const frame = nextFrame(check)
  const action = actionOf(check, frame ?? 0)
  const [automatic, setAutomatic] = useState(true)
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<Problem | null>(null)
  const faults = useRef(0)
  const running = useRef(false)
  const completion = useRef(newKey())
  const params = { faceCheckId: check.faceCheckId }

  const failed = (error: unknown) => {
    const problem = problemOf(error)
    if (afterFault(problem) !== 'again') return props.onProblem(problem)
    setFault(problem)
    // The bank accepts few pictures of one action: after some failures the user triggers the picture.
    if (++faults.current >= FAULTS_MAX) setAutomatic(false)
  }
  const once = async (act: () => Promise<void>) => {
    if (running.current) return
    running.current = true
    setBusy(true)
    try {
      await act()
    } catch (error) {
      failed(error)
    } finally {
      running.current = false
      setBusy(false)
    }
  }
  const shoot = () =>
    once(async () => {
      if (frame === null) return
      const picture = await take()
      if (!picture) return
      setFault(null)
      await bank.call('PUT /v1/face-checks/{faceCheckId}/frames/{frame}', {
        params: { ...params, frame: String(frame) },
        body: picture,
      })
      faults.current = 0
      props.onCheck({ ...check, framesDone: [...check.framesDone, frame] })
    })
  const complete = () =>
    once(async () => {
      setFault(null)
      props.onOver(
        await bank.call('POST /v1/face-checks/{faceCheckId}/completion', {
          params,
          key: completion.current,
        }),
      )
    })
  const completed = useRef(false)
  useEffect(() => {
    if (frame !== null || completed.current) return
    completed.current = true
    void complete()
  })

  const left = useSecondsTo(check.expiresAt)
  const shootNow = useRef(shoot)
  shootNow.current = shoot
  const counted = useCountdown(
    automatic && state === 'live' && frame !== null && !busy && left > 0,
    fault ? COUNT_AGAIN_S : COUNT_S,
    useCallback(() => void shootNow.current(), []),
  )

  if (state !== 'live' && state !== 'asking') {
    return (
      <Note kind="wait" testId="camera-off">
        {t(`camera.${state}`)}
      </Note>
    )
  }
  const total = check.actions.length + 1
  return (
    <div data-testid="challenge" data-action={frame === null ? 'done' : action} data-frame={frame}>
      <div className="progress-dots" aria-hidden>
        {Array.from({ length: total }, (_, at) => (
          <span
            key={at}
            className={check.framesDone.includes(at) ? 'past' : at === frame ? 'now' : ''}
          />
        ))}
      </div>
      <div className="face-order" aria-live="assertive">
        {frame === null ? (
          <h3>{t('face.comparing')}</h3>
        ) : (
          <>
            <ActionPicture action={action} />
            <div>
              <p className="row-note">
                {t('face.progress', { at: check.framesDone.length + 1, total })}
              </p>
              <h3>{t(`face.action.${action}`)}</h3>
            </div>
          </>
        )}
      </div>
      <div className="viewfinder face-shape" data-testid="face-camera">
        <video ref={video} muted playsInline aria-label={t('camera.picture')} />
        <svg className="frame" viewBox="0 0 300 400" preserveAspectRatio="none" aria-hidden>
          <path
            className="shade"
            fillRule="evenodd"
            d="M0 0H300V400H0ZM150 50C88 50 54 106 54 184C54 268 98 340 150 340C202 340 246 268 246 184C246 106 212 50 150 50Z"
          />
          <path
            className={busy ? 'edge busy' : 'edge'}
            d="M150 50C88 50 54 106 54 184C54 268 98 340 150 340C202 340 246 268 246 184C246 106 212 50 150 50Z"
          />
        </svg>
        {counted > 0 && !busy && (
          <span className="countdown" aria-hidden>
            {counted}
          </span>
        )}
      </div>
      <p className="viewfinder-note" role="status">
        {busy ? t('face.sending') : t('face.timeLeft', { seconds: Math.ceil(left / 10) * 10 })}
      </p>
      {fault && <FrameFault problem={fault} />}
      {left === 0 && !busy && <Note kind="wait">{t('face.result.expired')}</Note>}
      {frame === null ? (
        fault && (
          <MainButton loading={busy} onClick={() => void complete()} data-testid="face-complete">
            {t('common.tryAgain')}
          </MainButton>
        )
      ) : (
        <>
          <MainButton
            loading={busy}
            disabled={state !== 'live'}
            onClick={() => void shoot()}
            data-testid="take-face"
          >
            {t('camera.take')}
          </MainButton>
          <Button
            block
            fill="none"
            color="primary"
            aria-pressed={!automatic}
            onClick={() => setAutomatic(!automatic)}
            data-testid="face-automatic"
          >
            {t(automatic ? 'face.byHand' : 'face.byItself')}
          </Button>
        </>
      )}
    </div>
  )
}

function FrameFault(props: { problem: Problem }) {
  const { t } = useTranslation()
  const quality = qualityOf(props.problem)
  if (!quality) return <ProblemNote problem={props.problem} />
  return (
    <div className="note bad" role="alert" data-testid="face-quality" data-quality={quality}>
      <p>{t(`faceQuality.${quality}`)}</p>
    </div>
  )
}

/** Counts down from `from` whenever `on` starts, then acts. Seconds left; 0 while it does not run. */
function useCountdown(on: boolean, from: number, act: () => void): number {
  const [left, setLeft] = useState(from)
  useEffect(() => {
    if (!on) return
    let seconds = from
    setLeft(seconds)
    const timer = setInterval(() => {
      setLeft(--seconds)
      if (seconds > 0) return
      clearInterval(timer)
      act()
    }, 1000)
    return () => clearInterval(timer)
  }, [on, from, act])
  return on ? left : 0
}
