import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { faultOfPassCode } from '../../../shared/identifiers.ts'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { useBank } from '../queries.ts'
import { CodeField, Form, MainButton, ProblemNote, problemText } from './kit.tsx'

/** A new pass code, entered twice; weak ones are reported at once, and the bank refuses them anyway. */
export function NewPassCode(props: {
  send: (passCode: string) => Promise<unknown>
  onDone: () => void
}) {
  const { t } = useTranslation()
  const length = useBank().data?.passCodeLength ?? 6
  const [first, setFirst] = useState('')
  const [second, setSecond] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const weak = first.length === length ? faultOfPassCode(first, length) : null
  const differs = second.length === length && second !== first
  const refused = problem?.slug === 'pass-code-weak' ? problemText(problem, t) : undefined

  const submit = async (again: string) => {
    if (weak || first.length < length || again !== first || busy) return
    setBusy(true)
    setProblem(null)
    try {
      await props.send(first)
      props.onDone()
    } catch (error) {
      setProblem(problemOf(error))
      setSecond('')
    } finally {
      setBusy(false)
    }
  }
  return (
    <Form onSubmit={() => void submit(second)}>
      <CodeField
        label={t('passCode.new', { length })}
        value={first}
        onValue={(code) => {
          setFirst(code)
          setProblem(null)
        }}
        length={length}
        secret
        fault={weak ? t(`passCode.${weak}`) : refused}
        testId="new-pass-code"
      />
      <CodeField
        label={t('passCode.again')}
        value={second}
        onValue={setSecond}
        onFull={(code) => void submit(code)}
        length={length}
        secret
        fault={differs ? t('passCode.differs') : undefined}
        disabled={busy || first.length < length || weak !== null}
        testId="new-pass-code-again"
      />
      {problem && !refused && <ProblemNote problem={problem} />}
      <MainButton
        type="submit"
        loading={busy}
        disabled={weak !== null || second.length < length || differs}
        data-testid="pass-code-submit"
      >
        {t('passCode.set')}
      </MainButton>
    </Form>
  )
}
