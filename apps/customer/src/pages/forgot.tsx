import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { bank, thisDevice } from '../bank.ts'
import { arrive, leave } from '../queries.ts'
import { NotConfirmed, useStepUp } from '../step-up.tsx'
import { MainButton, Note, Page, ProblemNote, Section } from '../ui/kit.tsx'
import { NewPassCode } from '../ui/new-pass-code.tsx'
import { PhoneAndCode } from '../ui/one-time-code.tsx'
import { say } from '../ui/say.ts'

/**
 * Forgotten pass code: a code to the phone opens a limited session, which may set a new pass code for a few
 * minutes and shows no data. A face check or passkey then lifts the limit. A user who leaves in between
 * starts here again.
 */
export default function Forgot() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [step, setStep] = useState<'code' | 'passCode' | 'confirm'>('code')
  return (
    <Page title={t('forgot.title')} back="/sign-in" testId="forgot">
      <Section>
        {step === 'code' && (
          <>
            <p className="lead">{t('forgot.why')}</p>
            <PhoneAndCode
              purpose="resetPassCode"
              action={t('common.next')}
              onCode={async (phone, phoneCodeId, code) => {
                const body = { phone, phoneCodeId, code, ...thisDevice() }
                await bank.call('POST /v1/sessions', { body })
                setStep('passCode')
              }}
            />
          </>
        )}
        {step === 'passCode' && (
          <>
            <p className="lead">{t('forgot.choose')}</p>
            <NewPassCode
              send={(passCode) => bank.call('PUT /v1/me/pass-code', { body: { passCode } })}
              onDone={() => {
                say(t('passCode.changed'))
                setStep('confirm')
              }}
            />
          </>
        )}
        {step === 'confirm' && <Confirm onDone={() => void navigate('/', { replace: true })} />}
      </Section>
    </Page>
  )
}

/**
 * Requests data that a limited session may not read: the step-up sheet then asks for the missing factor.
 */
function Confirm(props: { onDone: () => void }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const withStepUp = useStepUp()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const confirm = async () => {
    setBusy(true)
    setProblem(null)
    try {
      await withStepUp(() => bank.call('GET /v1/messages', { query: { limit: 1 } }))
      arrive(await bank.call('GET /v1/me'))
      props.onDone()
    } catch (error) {
      if (!(error instanceof NotConfirmed)) setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  const signOut = async () => {
    await bank.call('DELETE /v1/sessions/{sessionId}', { params: { sessionId: 'current' } }).catch(() => null)
    leave()
    void navigate('/sign-in', { replace: true })
  }
  return (
    <>
      <Note kind="info" testId="forgot-confirm">
        <p>{t('forgot.confirm')}</p>
      </Note>
      {problem && <ProblemNote problem={problem} />}
      <MainButton loading={busy} onClick={() => void confirm()} data-testid="forgot-confirm-action">
        {t('forgot.confirmAction')}
      </MainButton>
      <button type="button" className="link-button" onClick={() => void signOut()} data-testid="forgot-leave">
        {t('forgot.leave')}
      </button>
    </>
  )
}
