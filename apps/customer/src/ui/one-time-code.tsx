import { Button } from 'antd-mobile'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { mobileOf } from '../../../shared/identifiers.ts'
import { fieldFaults, problemOf, type Problem } from '../../../shared/problem.ts'
import { bank, type CodePurpose, type PhoneCode } from '../bank.ts'
import { deviceKey } from '../device-key.ts'
import { useBank } from '../queries.ts'
import {
  CodeField,
  Field,
  Form,
  MainButton,
  Note,
  ProblemNote,
  problemText,
  useSecondsTo,
} from './kit.tsx'

/** Link to the sandbox's page of text messages, if the bank runs beside a sandbox. */
export function SandboxLink() {
  const { t } = useTranslation()
  const { data } = useBank()
  if (!data?.sandboxUrl) return null
  const address = `${data.sandboxUrl.replace(/\/?$/, '/')}sms/`
  return (
    <Note kind="info">
      <p>{t('code.sandbox')}</p>
      <a href={address} target="_blank" rel="noreferrer" data-testid="sandbox-sms">
        {t('code.sandboxLink')}
      </a>
    </Note>
  )
}

/** Phone number, then the one-time code that the bank sends to it. */
export function PhoneAndCode(props: {
  purpose: CodePurpose
  action: string
  /** a known number: only the code is requested */
  phone?: string
  onCode: (phone: string, phoneCodeId: string, code: string) => Promise<void>
  /** for a known number: the way back */
  onLeave?: () => void
}) {
  const { t } = useTranslation()
  const [phone, setPhone] = useState(props.phone ?? '')
  const [sent, setSent] = useState<PhoneCode | null>(null)
  const [code, setCode] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [touched, setTouched] = useState(false)
  const resendIn = useSecondsTo(sent?.resendAt)
  const mobile = mobileOf(phone)
  const faults = problem ? fieldFaults(problem, ['phone', 'code']).byField : {}

  const run = async (act: () => Promise<void>) => {
    if (busy) return
    setBusy(true)
    setProblem(null)
    try {
      await act()
    } catch (error) {
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  const send = () => {
    setTouched(true)
    if (!mobile) return
    const key = deviceKey()
    void run(async () => {
      const answer = await bank.call('POST /v1/phone-codes', {
        // A known device of this customer has its own budget of codes.
        body: { phone: mobile, purpose: props.purpose, ...(key ? { deviceKey: key } : {}) },
      })
      setSent(answer)
      setCode('')
    })
  }
  const confirm = (full: string) => {
    if (!sent || !mobile) return
    void run(async () => {
      try {
        await props.onCode(mobile, sent.phoneCodeId, full)
      } catch (error) {
        setCode('')
        throw error
      }
    })
  }

  if (!sent) {
    const fault = faults.phone ?? (touched && !mobile ? t('phone.wrong') : undefined)
    return (
      <Form onSubmit={send}>
        <Field
          label={t('phone.label')}
          value={phone}
          onValue={setPhone}
          type="tel"
          inputMode="tel"
          autoComplete="tel-national"
          placeholder="138 0000 0000"
          hint={t('phone.hint')}
          fault={fault}
          testId="phone"
          readOnly={props.phone !== undefined}
        />
        {problem && !faults.phone && <ProblemNote problem={problem} />}
        <MainButton type="submit" loading={busy} data-testid="send-code">
          {t('code.send')}
        </MainButton>
      </Form>
    )
  }
  const wrong = problem?.slug === 'code-wrong' || problem?.slug === 'code-expired'
  const left = problem?.number('triesLeft')
  const fault =
    wrong && problem
      ? [problemText(problem, t), left !== undefined ? t('code.triesLeft', { left }) : ''].join(' ')
      : faults.code
  return (
    <Form onSubmit={() => code.length === 6 && confirm(code)}>
      <p className="lead" data-testid="code-sent">
        {t('code.sentTo', { phone: sent.phone })}
      </p>
      <CodeField
        label={t('code.label')}
        value={code}
        onValue={setCode}
        onFull={confirm}
        oneTime
        autoFocus
        disabled={busy}
        fault={fault}
        testId="one-time-code"
      />
      {problem && !fault && <ProblemNote problem={problem} />}
      <MainButton
        type="submit"
        loading={busy}
        disabled={code.length < 6}
        data-testid="confirm-code"
      >
        {props.action}
      </MainButton>
      <div className="two-buttons">
        <Button
          fill="none"
          color="primary"
          onClick={() => (props.onLeave ? props.onLeave() : setSent(null))}
          data-testid="change-phone"
        >
          {t(props.onLeave ? 'signIn.otherPerson' : 'phone.change')}
        </Button>
        <Button
          fill="none"
          color="primary"
          disabled={resendIn > 0}
          onClick={send}
          data-testid="resend-code"
        >
          {resendIn > 0 ? t('code.resendIn', { seconds: resendIn }) : t('code.resend')}
        </Button>
      </div>
      <SandboxLink />
    </Form>
  )
}
