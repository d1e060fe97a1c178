import { Button } from 'antd-mobile'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, Navigate, useNavigate, useSearchParams } from 'react-router'
import { mobileOf } from '../../../shared/identifiers.ts'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { bank, thisDevice } from '../bank.ts'
import { arrive, useBank, useMe } from '../queries.ts'
import { LanguageSwitch, Logo, useBankName } from '../ui/brand.tsx'
import { CodeField, Field, Form, MainButton, Note, ProblemNote, useTitle } from '../ui/kit.tsx'
import { PhoneAndCode } from '../ui/one-time-code.tsx'

export function SignIn() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [query] = useSearchParams()
  const [way, setWay] = useState<'passCode' | 'code'>('passCode')
  const name = useBankName()
  const me = useMe()
  const next = pathInside(query.get('next'))
  useTitle(t('signIn.title'))
  if (me.data) return <Navigate to={next} replace />

  return (
    <main className="page sign-in" data-testid="sign-in">
      <div className="welcome-top dark-on-light">
        <Link to="/welcome" className="brand">
          <Logo size={32} /> {name}
        </Link>
        <LanguageSwitch />
      </div>
      <h1 className="big-title">{t('signIn.title')}</h1>
      <div className="card">
        {way === 'passCode' ? (
          <PassCodeForm onDone={() => navigate(next, { replace: true })} />
        ) : (
          <CodeForm onDone={() => navigate(next, { replace: true })} />
        )}
        {way === 'passCode' && (
          <p className="forgot">
            <Link to="/forgot" data-testid="to-forgot">
              {t('forgot.link')}
            </Link>
          </p>
        )}
        <div className="two-buttons">
          <Button
            fill="none"
            color="primary"
            onClick={() => setWay(way === 'code' ? 'passCode' : 'code')}
            data-testid="sign-in-other-way"
          >
            {t(way === 'code' ? 'signIn.byPassCode' : 'signIn.byCode')}
          </Button>
          <Button
            fill="none"
            color="primary"
            onClick={() => navigate('/sign-up')}
            data-testid="to-sign-up"
          >
            {t('welcome.open')}
          </Button>
        </div>
      </div>
    </main>
  )
}

function PassCodeForm(props: { onDone: () => void }) {
  const { t } = useTranslation()
  const length = useBank().data?.passCodeLength ?? 6
  const [phone, setPhone] = useState('')
  const [passCode, setPassCode] = useState('')
  const [touched, setTouched] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  // On a new device the code of a text message is required as well.
  const [isNewDevice, setIsNewDevice] = useState(false)
  const mobile = mobileOf(phone)
  const left = problem?.number('triesLeft')

  const submit = async (code: string) => {
    setTouched(true)
    if (!mobile || code.length < length || busy) return
    setBusy(true)
    setProblem(null)
    try {
      const body = { phone: mobile, passCode: code, ...thisDevice() }
      arrive((await bank.call('POST /v1/sessions', { body })).customer)
      props.onDone()
    } catch (error) {
      if (problemOf(error).slug === 'code-required') return setIsNewDevice(true)
      setProblem(problemOf(error))
      setPassCode('')
    } finally {
      setBusy(false)
    }
  }

  if (isNewDevice && mobile) {
    return (
      <>
        <Note kind="info" testId="new-device">
          {t('signIn.newDevice')}
        </Note>
        <PhoneAndCode
          purpose="signIn"
          phone={mobile}
          action={t('signIn.action')}
          onCode={async (_, phoneCodeId, code) => {
            const body = { phone: mobile, passCode, phoneCodeId, code, ...thisDevice() }
            arrive((await bank.call('POST /v1/sessions', { body })).customer)
            props.onDone()
          }}
          onLeave={() => {
            setIsNewDevice(false)
            setPassCode('')
          }}
        />
      </>
    )
  }
  return (
    <Form onSubmit={() => void submit(passCode)}>
      <Field
        label={t('phone.label')}
        value={phone}
        onValue={setPhone}
        type="tel"
        inputMode="tel"
        autoComplete="username"
        placeholder="138 0000 0000"
        fault={touched && !mobile ? t('phone.wrong') : undefined}
        testId="phone"
      />
      <CodeField
        label={t('passCode.label')}
        value={passCode}
        onValue={setPassCode}
        onFull={(code) => void submit(code)}
        length={length}
        secret
        disabled={busy}
        testId="pass-code"
      />
      {problem && <ProblemNote problem={problem} />}
      {problem && left !== undefined && <Note kind="wait">{t('code.triesLeft', { left })}</Note>}
      <MainButton type="submit" loading={busy} data-testid="sign-in-submit">
        {t('signIn.action')}
      </MainButton>
    </Form>
  )
}

/** The code first; a new device also needs the pass code. */
function CodeForm(props: { onDone: () => void }) {
  const { t } = useTranslation()
  const length = useBank().data?.passCodeLength ?? 6
  const [coded, setCoded] = useState<{ phone: string; phoneCodeId: string; code: string } | null>(
    null,
  )
  const [passCode, setPassCode] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const left = problem?.number('triesLeft')

  const submit = async (full: string) => {
    if (!coded || busy) return
    setBusy(true)
    setProblem(null)
    try {
      const body = { ...coded, passCode: full, ...thisDevice() }
      arrive((await bank.call('POST /v1/sessions', { body })).customer)
      props.onDone()
    } catch (error) {
      setProblem(problemOf(error))
      setPassCode('')
    } finally {
      setBusy(false)
    }
  }
  if (!coded) {
    return (
      <PhoneAndCode
        purpose="signIn"
        action={t('signIn.action')}
        onCode={async (phone, phoneCodeId, code) => {
          try {
            const body = { phone, phoneCodeId, code, ...thisDevice() }
            arrive((await bank.call('POST /v1/sessions', { body })).customer)
            props.onDone()
          } catch (error) {
            if (problemOf(error).slug !== 'pass-code-required') throw error
            setCoded({ phone, phoneCodeId, code })
          }
        }}
      />
    )
  }
  return (
    <Form onSubmit={() => passCode.length === length && void submit(passCode)}>
      <Note kind="info" testId="new-device">
        {t('signIn.newDevicePass')}
      </Note>
      <CodeField
        label={t('passCode.label')}
        value={passCode}
        onValue={setPassCode}
        onFull={(full) => void submit(full)}
        length={length}
        secret
        autoFocus
        disabled={busy}
        testId="pass-code"
      />
      {problem && <ProblemNote problem={problem} />}
      {problem && left !== undefined && <Note kind="wait">{t('code.triesLeft', { left })}</Note>}
      <MainButton type="submit" loading={busy} data-testid="sign-in-submit">
        {t('signIn.action')}
      </MainButton>
      <Button
        block
        fill="none"
        color="primary"
        onClick={() => setCoded(null)}
        data-testid="sign-in-again"
      >
        {t('signIn.otherPerson')}
      </Button>
    </Form>
  )
}

/** Only a path of this app is followed after sign-in, never another address from a link. */
function pathInside(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) && next !== '/sign-in' ? next : '/'
}
