import { Button } from 'antd-mobile'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Account, Card } from '../../../shared/api.ts'
import { currentLanguage, inLanguage } from '../../../shared/i18n.ts'
import { useFormKey } from '../../../shared/idempotency.ts'
import {
  digitsIn,
  groupByFour,
  isCardNumber,
  mobileOf,
  shortMask,
} from '../../../shared/identifiers.ts'
import { fieldFaults, problemOf, type Problem } from '../../../shared/problem.ts'
import { bank, type CardBinding } from '../bank.ts'
import { NotConfirmed, useStepUp } from '../step-up.tsx'
import { CodeField, Field, Form, MainButton, ProblemNote, problemText } from './kit.tsx'
import { SandboxLink } from './one-time-code.tsx'

/** Card number and reserved phone, then the code that the issuing bank sends. */
export function BindCardForm(props: {
  onBound: (answer: { card: Card; account: Account }) => void
}) {
  const [binding, setBinding] = useState<CardBinding | null>(null)
  const [fields, setFields] = useState({ number: '', phone: '' })
  if (binding)
    return (
      <ConfirmBinding binding={binding} onBound={props.onBound} onBack={() => setBinding(null)} />
    )
  return <StartBinding fields={fields} onFields={setFields} onBinding={setBinding} />
}

interface Fields {
  number: string
  phone: string
}

function StartBinding(props: {
  fields: Fields
  onFields: (fields: Fields) => void
  onBinding: (binding: CardBinding) => void
}) {
  const { t } = useTranslation()
  const formKey = useFormKey()
  const stepUp = useStepUp()
  const { number, phone } = props.fields
  const [touched, setTouched] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const mobile = mobileOf(phone)
  const good = isCardNumber(number)
  const faults = problem ? fieldFaults(problem, ['cardNumber', 'reservedPhone']).byField : {}
  const ofNumber = ['card-number-invalid', 'card-kind-refused'].includes(problem?.slug ?? '')

  const submit = async () => {
    setTouched(true)
    if (!good || !mobile || busy) return
    setBusy(true)
    setProblem(null)
    try {
      const body = { cardNumber: digitsIn(number), reservedPhone: mobile }
      props.onBinding(
        await stepUp(
          () => bank.call('POST /v1/card-bindings', { body, key: formKey.keyFor(body) }),
          { face: 'card', onRepeat: (again) => formKey.refused(again) },
        ),
      )
    } catch (error) {
      if (!(error instanceof NotConfirmed)) {
        formKey.refused(problemOf(error))
        setProblem(problemOf(error))
      }
    } finally {
      setBusy(false)
    }
  }
  const numberFault =
    faults.cardNumber ??
    (ofNumber && problem
      ? problemText(problem, t)
      : touched && !good
        ? t('bind.numberWrong')
        : undefined)
  return (
    <Form onSubmit={() => void submit()}>
      <Field
        label={t('bind.number')}
        value={number}
        onValue={(text) => {
          props.onFields({ number: groupByFour(digitsIn(text).slice(0, 19)), phone })
          setProblem(null)
        }}
        inputMode="numeric"
        autoComplete="cc-number"
        placeholder="6222 0000 0000 0000"
        hint={t('bind.numberHint')}
        fault={numberFault}
        testId="card-number"
      />
      <Field
        label={t('bind.phone')}
        value={phone}
        onValue={(text) => {
          props.onFields({ number, phone: text })
          setProblem(null)
        }}
        type="tel"
        inputMode="tel"
        autoComplete="tel-national"
        placeholder="138 0000 0000"
        hint={t('bind.phoneHint')}
        fault={faults.reservedPhone ?? (touched && !mobile ? t('phone.wrong') : undefined)}
        testId="reserved-phone"
      />
      {problem && !ofNumber && Object.keys(faults).length === 0 && (
        <ProblemNote problem={problem} />
      )}
      <MainButton type="submit" loading={busy} data-testid="bind-submit">
        {t('bind.send')}
      </MainButton>
    </Form>
  )
}

function ConfirmBinding(props: {
  binding: CardBinding
  onBound: (answer: { card: Card; account: Account }) => void
  onBack: () => void
}) {
  const { t } = useTranslation()
  const formKey = useFormKey()
  const stepUp = useStepUp()
  const { binding } = props
  const [code, setCode] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const left = problem?.number('triesLeft')
  const wrong =
    problem?.slug === 'code-wrong'
      ? [problemText(problem, t), left === undefined ? '' : t('code.triesLeft', { left })].join(' ')
      : undefined

  const submit = async (full: string) => {
    if (busy) return
    setBusy(true)
    setProblem(null)
    const body = { code: full }
    try {
      const params = { cardBindingId: binding.cardBindingId }
      props.onBound(
        await stepUp(
          () =>
            bank.call('POST /v1/card-bindings/{cardBindingId}/confirmation', {
              params,
              body,
              key: formKey.keyFor(body),
            }),
          { face: 'card', onRepeat: (again) => formKey.refused(again) },
        ),
      )
    } catch (error) {
      if (error instanceof NotConfirmed) return
      formKey.refused(problemOf(error))
      setProblem(problemOf(error))
      if (!problemOf(error).unknown) setCode('')
    } finally {
      setBusy(false)
    }
  }
  return (
    <Form onSubmit={() => code.length === 6 && void submit(code)}>
      <div className="bank-card" data-testid="issuer">
        <strong>{inLanguage(binding.issuer.name, currentLanguage())}</strong>
        <span className="digits">{shortMask(binding.maskedPan)}</span>
        <small>{t('cards.debit')}</small>
      </div>
      <p className="lead">
        {t('bind.codeSent', { issuer: inLanguage(binding.issuer.name, currentLanguage()) })}
      </p>
      <CodeField
        label={t('code.label')}
        value={code}
        onValue={setCode}
        onFull={(full) => void submit(full)}
        oneTime
        autoFocus
        disabled={busy}
        fault={wrong}
        testId="issuer-code"
      />
      {problem && !wrong && <ProblemNote problem={problem} />}
      <MainButton
        type="submit"
        loading={busy}
        disabled={code.length < 6}
        data-testid="bind-confirm"
      >
        {t('bind.confirm')}
      </MainButton>
      <Button block fill="none" color="primary" onClick={props.onBack} data-testid="bind-back">
        {t('bind.back')}
      </Button>
      <SandboxLink />
    </Form>
  )
}
