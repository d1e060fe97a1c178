import {
  CheckCircleFill,
  CheckOutline,
  CloseCircleFill,
  ClockCircleOutline,
} from 'antd-mobile-icons'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, Navigate } from 'react-router'
import type { Account, Card, Customer, StepName } from '../../../shared/api.ts'
import { currentLanguage, inLanguage } from '../../../shared/i18n.ts'
import { faultOfIdNumber, groupByFour } from '../../../shared/identifiers.ts'
import { fieldFaults, problemOf, type Problem } from '../../../shared/problem.ts'
import { showMoney } from '../../../shared/money.ts'
import { bank, deviceName, type Check } from '../bank.ts'
import { arrive, queries, useLimits, useMe } from '../queries.ts'
import { BindCardForm } from '../ui/bind-card-form.tsx'
import { ConsentList } from '../ui/consent-list.tsx'
import {
  Facts,
  Field,
  Form,
  MainButton,
  Note,
  Page,
  ProblemNote,
  Section,
  Waiting,
} from '../ui/kit.tsx'
import { tag } from '../ui/money.tsx'
import { NewPassCode } from '../ui/new-pass-code.tsx'
import { PhoneAndCode } from '../ui/one-time-code.tsx'

const FIRST: Customer['onboarding']['steps'] = (
  ['phone', 'identity', 'consents', 'passCode', 'idPictures', 'face', 'place', 'card'] as const
).map((step) => ({
  step,
  state: ['idPictures', 'face', 'place'].includes(step) ? 'notRequired' : 'todo',
}))

/** Opening an account; always at the step that the bank names, so leaving and returning is free. */
export default function SignUp() {
  const { t } = useTranslation()
  const me = useMe()
  const [opened, setOpened] = useState<{ card: Card; account: Account } | null>(null)
  // the checks of the identity step stay on the screen until the person goes on
  const [checked, setChecked] = useState<{ customer: Customer; checks: Check[] } | null>(null)

  if (me.isPending) return <Frame current="phone" steps={FIRST} children={<Waiting lines={6} />} />
  if (opened) return <Opened account={opened.account} />
  const customer = me.data ?? null
  if (customer?.onboarding.next === 'done') return <Navigate to="/" replace />
  const current: StepName = checked
    ? 'identity'
    : ((customer?.onboarding.next as StepName | undefined) ?? 'phone')
  const again = async () => {
    await queries.invalidateQueries({ queryKey: ['me'] })
  }
  return (
    <Frame current={current} steps={customer?.onboarding.steps ?? FIRST}>
      {current === 'phone' && <PhoneStep />}
      {current === 'identity' &&
        (checked ? (
          <Checks
            checks={checked.checks}
            onNext={() => {
              arrive(checked.customer)
              setChecked(null)
            }}
          />
        ) : (
          <IdentityStep onChecked={setChecked} />
        ))}
      {current === 'consents' && <ConsentsStep onDone={again} />}
      {current === 'passCode' && (
        <>
          <p className="lead">{t('passCode.why')}</p>
          <NewPassCode
            send={(passCode) => bank.call('PUT /v1/me/pass-code', { body: { passCode } })}
            onDone={again}
          />
        </>
      )}
      {current === 'card' && (
        <>
          <p className="lead">{t('bind.why')}</p>
          <BindCardForm
            onBound={(answer) => {
              setOpened(answer)
              for (const name of ['me', 'accounts', 'cards', 'limits', 'messages'])
                void queries.invalidateQueries({ queryKey: [name] })
            }}
          />
        </>
      )}
      {!customer && (
        <p className="list-end">
          {t('signUp.haveAccount')}{' '}
          <Link to="/sign-in" data-testid="to-sign-in">
            {t('welcome.signIn')}
          </Link>
        </p>
      )}
    </Frame>
  )
}

function Frame(props: {
  current: StepName
  steps: Customer['onboarding']['steps']
  children: React.ReactNode
}) {
  const { t } = useTranslation()
  const open = props.steps.filter((step) => step.state !== 'notRequired')
  const heading = useRef<HTMLHeadingElement>(null)
  const shown = useRef(props.current)
  useEffect(() => {
    // a new step starts at its top, and the reader at its name
    if (shown.current === props.current) return
    shown.current = props.current
    void window.scrollTo(0, 0)
    if (!(document.activeElement instanceof HTMLInputElement)) heading.current?.focus()
  }, [props.current])
  const at = Math.max(
    0,
    open.findIndex((step) => step.step === props.current),
  )
  return (
    <Page title={t('signUp.title')} back="/welcome" testId="sign-up">
      <div className="progress" data-testid="sign-up-step" data-step={props.current}>
        <div className="progress-dots" aria-hidden>
          {open.map((step, index) => (
            <span key={step.step} className={index < at ? 'past' : index === at ? 'now' : ''} />
          ))}
        </div>
        <p>{t('signUp.progress', { at: at + 1, total: open.length })}</p>
        <h2 ref={heading} tabIndex={-1}>
          {t(`step.${props.current}`)}
        </h2>
      </div>
      <div className="card">{props.children}</div>
      <details className="all-steps" data-testid="all-steps">
        <summary>{t('signUp.allSteps')}</summary>
        <ol>
          {props.steps.map((step) => (
            <li
              key={step.step}
              className={step.step === props.current ? 'now' : step.state}
              aria-current={step.step === props.current ? 'step' : undefined}
              data-testid={`step-${kebab(step.step)}`}
              data-state={step.state}
            >
              <span className="step-mark" aria-hidden>
                {step.state === 'done' ? (
                  <CheckOutline />
                ) : step.state === 'notRequired' ? (
                  <ClockCircleOutline />
                ) : null}
              </span>
              <span>
                {t(`step.${step.step}`)}
                <small>
                  {t(step.step === props.current ? 'stepState.now' : `stepState.${step.state}`)}
                </small>
              </span>
            </li>
          ))}
        </ol>
      </details>
    </Page>
  )
}

function PhoneStep() {
  const { t } = useTranslation()
  return (
    <PhoneAndCode
      purpose="signUp"
      action={t('common.next')}
      onCode={async (phone, phoneCodeId, code) => {
        const body = {
          phone,
          phoneCodeId,
          code,
          language: currentLanguage(),
          deviceName: deviceName(),
        }
        arrive((await bank.call('POST /v1/sign-ups', { body })).customer)
      }}
    />
  )
}

function IdentityStep(props: {
  onChecked: (answer: { customer: Customer; checks: Check[] }) => void
}) {
  const { t } = useTranslation()
  const [name, setName] = useState('')
  const [idNumber, setIdNumber] = useState('')
  const [touched, setTouched] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const local = faultOfIdNumber(idNumber)
  const complete = idNumber.length >= 18
  const faults = problem ? fieldFaults(problem, ['name', 'idNumber']).byField : {}
  const checks = (problem?.body.checks ?? []) as Check[]

  const submit = async () => {
    setTouched(true)
    if (local !== null || name.trim() === '' || busy) return
    setBusy(true)
    setProblem(null)
    try {
      const body = { name: name.trim(), idNumber: idNumber.trim().toUpperCase() }
      props.onChecked(await bank.call('PUT /v1/me/identity', { body }))
    } catch (error) {
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  const idFault =
    faults.idNumber ??
    ((touched || complete) && local !== null ? t(`idNumber.${local}`) : undefined)
  return (
    <Form onSubmit={() => void submit()}>
      <Field
        label={t('identity.name')}
        value={name}
        onValue={(text) => {
          setName(text)
          setProblem(null)
        }}
        autoComplete="name"
        maxLength={60}
        fault={
          faults.name ?? (touched && name.trim() === '' ? t('identity.nameMissing') : undefined)
        }
        testId="name"
      />
      <Field
        label={t('identity.idNumber')}
        value={idNumber}
        onValue={(text) => {
          setIdNumber(text.replace(/\s/g, '').toUpperCase())
          setProblem(null)
        }}
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        maxLength={18}
        hint={complete && local === null ? t('idNumber.good') : t('identity.idHint')}
        fault={idFault}
        testId="id-number"
      />
      {checks.length > 0 && <CheckList checks={checks} />}
      {problem && <ProblemNote problem={problem} />}
      <MainButton type="submit" loading={busy} data-testid="identity-submit">
        {t('identity.check')}
      </MainButton>
      <p className="field-hint">{t('identity.sealed')}</p>
    </Form>
  )
}

function CheckList(props: { checks: Check[] }) {
  const { t } = useTranslation()
  return (
    <ul className="checks" data-testid="checks">
      {props.checks.map((check) => (
        <li
          key={check.check}
          className={check.result}
          data-testid={`check-${kebab(check.check)}`}
          data-result={check.result}
        >
          <span aria-hidden>
            {check.result === 'passed' ? <CheckCircleFill /> : <CloseCircleFill />}
          </span>
          <span>
            {t(`check.${check.check}`)} <em>{t(`check.${check.result}`)}</em>
            {check.reason && <small>{inLanguage(check.reason, currentLanguage())}</small>}
          </span>
        </li>
      ))}
    </ul>
  )
}

function Checks(props: { checks: Check[]; onNext: () => void }) {
  const { t } = useTranslation()
  return (
    <>
      <Note kind="good">{t('identity.passed')}</Note>
      <CheckList checks={props.checks} />
      <MainButton onClick={props.onNext} data-testid="identity-next">
        {t('common.next')}
      </MainButton>
    </>
  )
}

function ConsentsStep(props: { onDone: () => Promise<void> }) {
  const { t } = useTranslation()
  const [busy, setBusy] = useState(false)
  return (
    <>
      <p className="lead">{t('consent.why')}</p>
      <ConsentList
        below={(ready) => (
          <MainButton
            disabled={!ready}
            loading={busy}
            onClick={() => {
              setBusy(true)
              void props.onDone().finally(() => setBusy(false))
            }}
            data-testid="consents-next"
          >
            {t('common.next')}
          </MainButton>
        )}
      />
    </>
  )
}

function Opened(props: { account: Account }) {
  const { t } = useTranslation()
  const { account } = props
  const limits = useLimits(account.accountId).data ?? []
  return (
    <Page title={t('opened.title')} testId="account-opened">
      <div className="state done" role="status">
        <span className="state-icon" aria-hidden>
          <CheckCircleFill />
        </span>
        <h2>{t('opened.head')}</h2>
        <p>{t('opened.text', { class: account.class })}</p>
      </div>
      <Section>
        <Facts
          items={[
            [
              t('facts.account'),
              <span className="digits" data-testid="account-number">
                {groupByFour(account.accountNumber)}
              </span>,
            ],
            [t('facts.product'), inLanguage(account.product.name, currentLanguage())],
            [t('facts.rate'), account.product.interestRate],
          ]}
        />
      </Section>
      <Section title={t('opened.limits')}>
        <ul className="plain-list" data-testid="limits-in-words">
          {limits.map(
            ({ limit, max }) =>
              max && (
                <li key={limit}>{t(`limitWords.${limit}`, { max: showMoney(max, tag()) })}</li>
              ),
          )}
        </ul>
        <p className="field-hint">{t('opened.limitsNote')}</p>
      </Section>
      <div className="foot-actions">
        <Link to="/top-up" className="button-link" data-testid="first-top-up">
          {t('opened.topUp')}
        </Link>
        <Link to="/" className="button-link plain" data-testid="to-home">
          {t('payment.home')}
        </Link>
      </div>
    </Page>
  )
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
