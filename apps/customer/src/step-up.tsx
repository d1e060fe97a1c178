import {
  createContext,
  lazy,
  Suspense,
  useCallback,
  useContext,
  useEffect,
  useRef,
  useState,
  type ReactNode,
} from 'react'
import { useTranslation } from 'react-i18next'
import { problemOf, type Problem } from '../../shared/problem.ts'
import { bank } from './bank.ts'
import { faceWillDo, missingFactors } from './factors.ts'
import { onResting, queries, useBank } from './queries.ts'
import type { FacePurpose } from './routes-identity.ts'
import type { Factor } from './routes-security.ts'
import { forgetBalance } from './settings.ts'
import { CodeField, Note, ProblemNote, Sheet, Waiting } from './ui/kit.tsx'

const SecondFactor = lazy(() => import('./ui/second-factor.tsx'))
const FaceFactor = lazy(() => import('./ui/face-factor.tsx'))

/** How often the bank may require another factor after the required one was given. */
const ROUNDS_MAX = 3

/** Thrown when the user closes the sheet: nothing was done and no error is shown. */
export class NotConfirmed extends Error {}

export interface StepUpOptions {
  /** purpose of the face check, if the bank requires one */
  face?: FacePurpose
  /** called before the repetition, for a form that needs a new key after a stated refusal */
  onRepeat?: (problem: Problem) => void
}

type WithStepUp = <T>(act: () => Promise<T>, options?: StepUpOptions) => Promise<T>

const Context = createContext<WithStepUp>((act) => act())

/**
 * useStepUp() wraps a call: if the bank requires the pass code, a passkey or time code, or the face, the
 * sheet asks for each in turn, and the same call is repeated once. A key in the call's closure stays the
 * same.
 */
export function useStepUp(): WithStepUp {
  return useContext(Context)
}

interface Asked {
  missing: Factor[]
  faceToo: boolean
  face: FacePurpose
  done: () => void
  stop: (error: Error) => void
}

export function StepUpProvider(props: { children: ReactNode }) {
  const { t } = useTranslation()
  const [factors, setFactors] = useState<Factor[]>([])
  const asked = useRef<Asked | null>(null)

  const ask = useCallback((missing: Factor[], faceToo: boolean, face: FacePurpose) => {
    // A second call that needs a step-up cancels the first: there is one sheet.
    asked.current?.stop(new NotConfirmed())
    setFactors(missing)
    return new Promise<void>((done, stop) => (asked.current = { missing, faceToo, face, done, stop }))
  }, [])

  const withStepUp = useCallback<WithStepUp>(
    async (act, options = {}) => {
      for (let round = 1; ; round++) {
        try {
          return await act()
        } catch (error) {
          const missing = missingFactors(error)
          if (!missing || round > ROUNDS_MAX) throw error
          await ask(missing, faceWillDo(error), options.face ?? 'stepUp')
          options.onRepeat?.(problemOf(error))
        }
      }
    },
    [ask],
  )

  // The stored balance is deleted, and all data are read again after the pass code.
  useEffect(() => {
    onResting(() => {
      if (asked.current) return
      forgetBalance()
      ask(['passCode'], false, 'stepUp')
        .then(() => queries.invalidateQueries())
        .catch(() => undefined)
    })
  }, [ask])

  const given = () => {
    const rest = factors.slice(1)
    setFactors(rest)
    if (rest.length > 0) return
    asked.current?.done()
    asked.current = null
  }
  const close = () => {
    setFactors([])
    asked.current?.stop(new NotConfirmed())
    asked.current = null
  }

  const factor = factors[0]
  const total = asked.current?.missing.length ?? 0
  return (
    <Context value={withStepUp}>
      {props.children}
      <Sheet
        open={factor !== undefined}
        title={t('stepUp.title')}
        onClose={close}
        testId="step-up"
      >
        {total > 1 && (
          <p className="row-note" role="status">
            {t('stepUp.progress', { at: total - factors.length + 1, total })}
          </p>
        )}
        <Suspense fallback={<Waiting lines={3} />}>
          {factor === 'passCode' && <PassCodeFactor onGiven={given} />}
          {(factor === 'passkeyOrTotp' || factor === 'passkey') && (
            <SecondFactor
              onGiven={given}
              onLeave={close}
              onlyPasskey={factor === 'passkey'}
              onFace={asked.current?.faceToo ? () => setFactors(['face']) : undefined}
            />
          )}
          {factor === 'face' && (
            <FaceFactor purpose={asked.current?.face ?? 'stepUp'} onGiven={given} />
          )}
        </Suspense>
        <button type="button" className="link-button" onClick={close} data-testid="step-up-cancel">
          {t('common.cancel')}
        </button>
      </Sheet>
    </Context>
  )
}

function PassCodeFactor(props: { onGiven: () => void }) {
  const { t } = useTranslation()
  const length = useBank().data?.passCodeLength ?? 6
  const [code, setCode] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const left = problem?.number('triesLeft')
  const confirm = async (passCode: string) => {
    setBusy(true)
    try {
      await bank.call('POST /v1/step-ups', { body: { passCode } })
      props.onGiven()
    } catch (error) {
      setProblem(problemOf(error))
      setCode('')
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <p className="sheet-text">{t('stepUp.text')}</p>
      <CodeField
        label={t('passCode.label')}
        value={code}
        onValue={setCode}
        onFull={(full) => void confirm(full)}
        length={length}
        secret
        autoFocus
        disabled={busy}
        testId="step-up-code"
      />
      {busy && <Note kind="wait">{t('common.loading')}</Note>}
      {problem && <ProblemNote problem={problem} />}
      {left !== undefined && <p className="field-hint">{t('code.triesLeft', { left })}</p>}
    </>
  )
}
