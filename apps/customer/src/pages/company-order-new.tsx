import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate, useParams } from 'react-router'
import { balanceOf, type Account } from '../../../shared/api.ts'
import { useFormKey } from '../../../shared/idempotency.ts'
import { digitsIn, mobileOf } from '../../../shared/identifiers.ts'
import { moneyOf, parseMinor, showMoney } from '../../../shared/money.ts'
import { fieldFaults, problemOf, type Problem } from '../../../shared/problem.ts'
import { bank } from '../bank.ts'
import { companyChanged, useCompany } from '../company-queries.ts'
import { NotConfirmed, useStepUp } from '../step-up.tsx'
import { Choice, Field, Form, MainButton, Note, Page, ProblemNote, Section, Waiting } from '../ui/kit.tsx'
import { AmountField, tag } from '../ui/money.tsx'

const FIELDS = [
  'creditorPhone',
  'creditorAccountNumber',
  'creditorName',
  'instructedAmount',
  'remittanceInformationUnstructured',
]

export default function NewOrder() {
  const { t } = useTranslation()
  const { companyId = '' } = useParams()
  const company = useCompany(companyId)
  const account = company.data?.accounts.find((one) => one.state === 'active')
  return (
    <Page title={t('order.new')} back={`/me/companies/${companyId}`} testId="new-order-page">
      {company.error && (
        <ProblemNote problem={company.error} retry={() => void company.refetch()} />
      )}
      {company.isPending && <Waiting lines={6} />}
      {company.data && !account && <Note kind="wait">{t('order.noAccount')}</Note>}
      {account && <OrderForm companyId={companyId} account={account} />}
    </Page>
  )
}

function OrderForm(props: { companyId: string; account: Account }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const stepUp = useStepUp()
  const formKey = useFormKey()
  const { account, companyId } = props
  const [by, setBy] = useState<'phone' | 'account'>('phone')
  const [payee, setPayee] = useState('')
  const [name, setName] = useState('')
  const [amount, setAmount] = useState('')
  const [memo, setMemo] = useState('')
  const [touched, setTouched] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const minor = parseMinor(amount)
  const phone = mobileOf(payee)
  const number = digitsIn(payee)
  const payeeFits = by === 'phone' ? phone !== null : number.length === 16
  const faults = problem ? fieldFaults(problem, FIELDS).byField : {}
  const send = async () => {
    setTouched(true)
    if (!payeeFits || name.trim() === '' || !minor || busy) return
    setBusy(true)
    setProblem(null)
    try {
      const body = {
        debtorAccountId: account.accountId,
        ...(by === 'phone' && phone ? { creditorPhone: phone } : { creditorAccountNumber: number }),
        creditorName: name.trim(),
        instructedAmount: moneyOf(minor, account.currency),
        ...(memo.trim() ? { remittanceInformationUnstructured: memo.trim() } : {}),
      }
      const order = await stepUp(
        () =>
          bank.call('POST /v1/companies/{companyId}/payment-orders', {
            params: { companyId },
            body,
            key: formKey.keyFor(body),
          }),
        { onRepeat: (again) => formKey.refused(again) },
      )
      companyChanged(companyId)
      await navigate(`/me/companies/${companyId}/orders/${order.orderId}`, { replace: true })
    } catch (error) {
      if (error instanceof NotConfirmed) return
      formKey.refused(problemOf(error))
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  const available = balanceOf(account, 'interimAvailable')
  return (
    <Form onSubmit={() => void send()}>
      <Section>
        <Choice
          label={t('order.by')}
          value={by}
          options={[
            { value: 'phone', text: t('order.byPhone') },
            { value: 'account', text: t('order.byAccount') },
          ]}
          onValue={(next) => {
            setBy(next)
            setPayee('')
          }}
          testId="order-by"
        />
        <Field
          label={t(by === 'phone' ? 'transfer.phone' : 'order.account')}
          value={payee}
          onValue={setPayee}
          inputMode={by === 'phone' ? 'tel' : 'numeric'}
          fault={
            faults.creditorPhone ??
            faults.creditorAccountNumber ??
            (touched && !payeeFits
              ? t(by === 'phone' ? 'phone.wrong' : 'order.accountWrong')
              : undefined)
          }
          testId="order-payee"
        />
        <Field
          label={t('transfer.name')}
          value={name}
          onValue={setName}
          maxLength={100}
          fault={
            faults.creditorName ??
            (touched && name.trim() === '' ? t('transfer.nameMissing') : undefined)
          }
          testId="order-name"
        />
      </Section>
      <Section>
        <AmountField
          label={t('money.amount')}
          value={amount}
          onValue={setAmount}
          currency={account.currency}
          fault={faults.instructedAmount ?? (touched && !minor ? t('money.enter') : undefined)}
          hint={t('transfer.hint', { available: showMoney(available, tag()) })}
        />
      </Section>
      <Section>
        <Field
          label={t('transfer.memo')}
          value={memo}
          onValue={setMemo}
          maxLength={140}
          fault={faults.remittanceInformationUnstructured}
          testId="memo"
        />
        {problem && <ProblemNote problem={problem} />}
        <MainButton type="submit" loading={busy} data-testid="order-submit">
          {t('order.submit')}
        </MainButton>
        <p className="field-hint">{t('order.fourEyes')}</p>
      </Section>
    </Form>
  )
}
