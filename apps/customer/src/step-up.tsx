import { createContext, useCallback, useContext, useRef, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem, problemOf } from '../../shared/problem.ts'
import { bank } from './bank.ts'
import { useBank } from './queries.ts'
import { CodeField, Note, ProblemNote, Sheet } from './ui/kit.tsx'

/** Thrown when the person closed the sheet: nothing was done and nothing needs to be said. */
export class NotConfirmed extends Error {}

type WithStepUp = <T>(act: () => Promise<T>) => Promise<T>

const Context = createContext<WithStepUp>((act) => act())

/**
 * useStepUp() wraps a call: when the bank asks for the pass code, the sheet opens, and after the
 * right code the same call runs once more, with the same Idempotency-Key that it closed over.
 */
export function useStepUp(): WithStepUp {
  return useContext(Context)
}

export function StepUpProvider(props: { children: ReactNode }) {
  const { t } = useTranslation()
  const length = useBank().data?.passCodeLength ?? 6
  const [open, setOpen] = useState(false)
  const [code, setCode] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const settle = useRef<{ done: () => void; stop: (error: Error) => void } | null>(null)

  const ask = useCallback(() => {
    setCode('')
    setProblem(null)
    setOpen(true)
    return new Promise<void>((done, stop) => (settle.current = { done, stop }))
  }, [])

  const withStepUp = useCallback<WithStepUp>(
    async (act) => {
      try {
        return await act()
      } catch (error) {
        if (!(error instanceof Problem) || error.slug !== 'step-up-required') throw error
        await ask()
        return await act()
      }
    },
    [ask],
  )

  const confirm = async (passCode: string) => {
    setBusy(true)
    try {
      await bank.call('POST /v1/step-ups', { body: { passCode } })
      setOpen(false)
      settle.current?.done()
    } catch (error) {
      setProblem(problemOf(error))
      setCode('')
    } finally {
      setBusy(false)
    }
  }

  const close = () => {
    setOpen(false)
    settle.current?.stop(new NotConfirmed())
  }

  return (
    <Context value={withStepUp}>
      {props.children}
      <Sheet open={open} title={t('stepUp.title')} onClose={close} testId="step-up">
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
        <button type="button" className="link-button" onClick={close} data-testid="step-up-cancel">
          {t('common.cancel')}
        </button>
      </Sheet>
    </Context>
  )
}
