import { Button } from 'antd-mobile'
import { CheckCircleFill, CheckOutline, ClockCircleOutline } from 'antd-mobile-icons'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, Navigate } from 'react-router'
import type { Account, Card, Customer, StepName } from '../../../shared/api.ts'
import { currentLanguage, inLanguage } from '../../../shared/i18n.ts'
import { faultOfIdNumber, groupByFour } from '../../../shared/identifiers.ts'
import { fieldFaults, problemOf, type Problem } from '../../../shared/problem.ts'
import { showMoney } from '../../../shared/money.ts'
import { bank, thisDevice } from '../bank.ts'
import { arrive, queries, useLimits, useMe, useVerification } from '../queries.ts'
import type { Check } from '../routes-identity.ts'
import { BindCardForm } from '../ui/bind-card-form.tsx'
import { CheckList, kebab } from '../ui/check-list.tsx'
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
import { isUndecided, OtherWay, ReviewPanel } from '../ui/review-panel.tsx'
import { ConfirmStep, FaceStep, hasPictures, PicturesStep, PlaceStep } from './sign-up-identity.tsx'

const BY_CAMERA: StepName[] = ['idPictures', 'face', 'place']

/** Consents that belong to one step are requested there. */
const ASKED_LATER = ['biometrics', 'location']

/** Steps shown before the bank sends its own list. */
const FIRST: Customer['onboarding']['steps'] = (
  ['phone', 'consents', 'idPictures', 'identity', 'passCode', 'face', 'place', 'card'] as const
).map((step) => ({ step, state: 'todo' }))

interface Checked {
  customer: Customer
  checks: Check[]
  corrections?: string[]
}

/** Opening an account, always at the step that the bank names, so the user can leave and return. */
export default function SignUp() {
  const { t } = useTranslation()
  const me = useMe()
  const [opened, setOpened] = useState<{ card: Card; account: Account } | null>(null)
  // The checks of the identity step stay on the screen until the user continues.
  const [checked, setChecked] = useState<Checked | null>(null)
  const [withCamera, setWithCamera] = useState(false)
  const elsewhere = useSeenElsewhere()
  const [, draw] = useState(0)
  const picturesChanged = async () => {
    draw((count) => count + 1)
    await askAgain()
  }

  if (me.isPending) return <Frame current="phone" steps={FIRST} children={<Waiting lines={6} />} />
  if (opened) return <Opened account={opened.account} />
  const customer = me.data ?? null
  const steps = customer?.onboarding.steps ?? FIRST
  const next = customer?.onboarding.next ?? 'phone'
  if (next === 'done') return <Navigate to="/" replace />
  // With both pictures taken, the card reading is confirmed, whichever of the two steps the bank names.
  const current: StepName = checked || (next === 'idPictures' && hasPictures()) ? 'identity' : next
  // The card opens the account, which waits for the reviewer's decision.
  const decided = current === 'card' && steps.some((step) => step.state === 'review')
  // A customer who chose video or counter does not need the camera, but may change the choice.
  const waits = decided || (elsewhere && !withCamera && BY_CAMERA.includes(current))
  return (
    <Frame current={current} steps={steps} waits={waits}>
      {waits ? (
        <Review {...(decided ? {} : { onCamera: () => setWithCamera(true) })} />
      ) : current === 'identity' && checked ? (
        <Checks
          checked={checked}
          onNext={() => {
            arrive(checked.customer)
            setChecked(null)
          }}
        />
      ) : (
        <Step
          current={current}
          steps={steps}
          onPictures={() => void picturesChanged()}
          onChecked={setChecked}
          onOpened={setOpened}
        />
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

/** A chosen video call or counter visit is still to come. */
function useSeenElsewhere(): boolean {
  const onboarding = useMe().data?.state === 'onboarding'
  const review = useVerification(onboarding).data?.review
  return isUndecided(review) && review.path !== 'wait'
}

async function askAgain() {
  await Promise.all(
    ['me', 'verification'].map((name) => queries.invalidateQueries({ queryKey: [name] })),
  )
}

function Step(props: {
  current: StepName
  steps: Customer['onboarding']['steps']
  onPictures: () => void
  onChecked: (checked: Checked) => void
  onOpened: (answer: { card: Card; account: Account }) => void
}) {
  const { t } = useTranslation()
  const stateOf = (name: StepName) => props.steps.find((step) => step.step === name)?.state
  const refused = stateOf(props.current) === 'refused' && <Refused />
  switch (props.current) {
    case 'phone':
      return <PhoneStep />
    case 'consents':
      return <ConsentsStep onDone={askAgain} />
    case 'idPictures':
      return (
        <>
          {refused}
          <PicturesStep again={false} onDone={props.onPictures} />
        </>
      )
    case 'identity':
      if (stateOf('idPictures') === 'notRequired') {
        return <IdentityStep onChecked={props.onChecked} />
      }
      if (!hasPictures()) {
        return <PicturesStep again onDone={props.onPictures} />
      }
      return (
        <ConfirmStep onConfirmed={props.onChecked} onRetake={props.onPictures} />
      )
    case 'passCode':
      return (
        <>
          <p className="lead">{t('passCode.why')}</p>
          <NewPassCode
            send={(passCode) => bank.call('PUT /v1/me/pass-code', { body: { passCode } })}
            onDone={askAgain}
          />
        </>
      )
    case 'face':
      return (
        <>
          {refused}
          <FaceStep onDone={askAgain} />
        </>
      )
    case 'place':
      return (
        <>
          {refused}
          <PlaceStep onDone={askAgain} />
        </>
      )
    case 'card':
      return (
        <>
          <p className="lead">{t('bind.why')}</p>
          <BindCardForm
            onBound={(answer) => {
              props.onOpened(answer)
              for (const name of ['me', 'accounts', 'cards', 'limits', 'messages'])
                void queries.invalidateQueries({ queryKey: [name] })
            }}
          />
        </>
      )
  }
}

/** All steps of the customer are done; staff review them. */
function Review(props: { onCamera?: () => void }) {
  const { t } = useTranslation()
  const verification = useVerification()
  const me = useMe()
  if (verification.isPending) return <Waiting lines={6} />
  const review = verification.data?.review
  return (
    <div data-testid="sign-up-review">
      {isUndecided(review) ? (
        <ReviewPanel review={review} />
      ) : (
        <Note kind="wait">{t('reviewing.text')}</Note>
      )}
      {verification.error && <ProblemNote problem={verification.error} />}
      <p className="lead">{t('reviewing.leave')}</p>
      <MainButton
        loading={me.isFetching || verification.isFetching}
        onClick={() => void askAgain()}
        data-testid="review-again"
      >
        {t('reviewing.look')}
      </MainButton>
      {props.onCamera && (
        <Button
          block
          fill="none"
          color="primary"
          onClick={props.onCamera}
          data-testid="camera-after-all"
        >
          {t('reviewing.camera')}
        </Button>
      )}
    </div>
  )
}

/** A refused step: the bank's text and the possible next steps. */
function Refused() {
  const { t } = useTranslation()
  const verification = useVerification().data
  const failed = verification?.layers.filter((layer) => layer.state === 'failed' && layer.text) ?? []
  const said = verification?.review?.state === 'refused' ? verification.review.text : undefined
  return (
    <div data-testid="step-refused">
      <Note kind="bad">
        <p className="note-lead">{t('refused.head')}</p>
        {said && <p>{inLanguage(said, currentLanguage())}</p>}
        {failed.map((layer) => (
          <p key={layer.layer}>{inLanguage(layer.text ?? undefined, currentLanguage())}</p>
        ))}
        <p>{t('refused.next')}</p>
      </Note>
      <OtherWay />
    </div>
  )
}

function Frame(props: {
  current: StepName
  steps: Customer['onboarding']['steps']
  waits?: boolean
  children: React.ReactNode
}) {
  const { t } = useTranslation()
  const open = props.steps.filter((step) => step.state !== 'notRequired')
  const heading = useRef<HTMLHeadingElement>(null)
  const shown = useRef(props.current)
  useEffect(() => {
    // A new step starts at its top, and the screen reader at its heading.
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
          {t(props.waits ? 'reviewing.head' : `step.${props.current}`)}
        </h2>
      </div>
      <div className="card">{props.children}</div>
      <details className="all-steps" data-testid="all-steps">
        <summary>{t('signUp.allSteps')}</summary>
        <ol>
          {open.map((step) => (
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
                ) : step.state === 'review' ? (
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
          ...thisDevice(),
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

function Checks(props: { checked: Checked; onNext: () => void }) {
  const { t } = useTranslation()
  const { checks, corrections = [] } = props.checked
  const passed = checks.every((check) => check.result === 'passed')
  return (
    <>
      <Note kind={passed ? 'good' : 'wait'}>
        {t(passed ? 'identity.passed' : 'identity.notAll')}
      </Note>
      <CheckList checks={checks} />
      {corrections.length > 0 && (
        <Note kind="wait" testId="corrections">
          {t('identity.corrections')}
        </Note>
      )}
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
        without={ASKED_LATER}
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
