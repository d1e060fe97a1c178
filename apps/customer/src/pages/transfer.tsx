import { Button } from 'antd-mobile'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { balanceOf, type Account } from '../../../shared/api.ts'
import { mobileOf } from '../../../shared/identifiers.ts'
import { leastOf, minorOf, moneyOf, parseMinor, showMoney } from '../../../shared/money.ts'
import { fieldFaults, problemOf, type Problem } from '../../../shared/problem.ts'
import { bank, type Limit, type PayeeCheck, type TransferOrder } from '../bank.ts'
import { usePayOnce } from '../pay-once.ts'
import { useLimits, useOnline } from '../queries.ts'
import { useChosenAccount } from '../ui/account-choice.tsx'
import { Field, Form, MainButton, Note, Page, ProblemNote, Section, Waiting } from '../ui/kit.tsx'
import { AmountField, tag } from '../ui/money.tsx'
import { Review } from '../ui/review.tsx'
import { amountFault } from './card-order.tsx'

const MEMO_MAX = 140

export default function Transfer() {
  const { t } = useTranslation()
  const { account, choice, error, refetch } = useChosenAccount()
  const limits = useLimits(account?.accountId)
  return (
    <Page title={t('transfer.title')} back="/" testId="transfer">
      {error && <ProblemNote problem={error} retry={() => void refetch()} />}
      {!error && !account && <Waiting lines={6} />}
      {choice}
      {account && (
        <TransferForm
          key={account.accountId}
          account={account}
          limits={limits.data ?? []}
        />
      )}
    </Page>
  )
}

interface Payee {
  phone: string
  name: string
}

function TransferForm(props: { account: Account; limits: Limit[] }) {
  const [payee, setPayee] = useState<Payee | null>(null)
  return (
    <>
      <PayeeForm onPayee={setPayee} />
      {payee && <AmountForm key={payee.phone + payee.name} payee={payee} {...props} />}
    </>
  )
}

/** Payee: the bank checks that number and name match before an amount is entered. */
function PayeeForm(props: { onPayee: (payee: Payee | null) => void }) {
  const { t } = useTranslation()
  const [phone, setPhone] = useState('')
  const [name, setName] = useState('')
  const [touched, setTouched] = useState(false)
  const [busy, setBusy] = useState(false)
  const [check, setCheck] = useState<PayeeCheck | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const mobile = mobileOf(phone)
  const faults = problem ? fieldFaults(problem, ['phone', 'name']).byField : {}

  const edit = (set: (text: string) => void) => (text: string) => {
    set(text)
    setCheck(null)
    setProblem(null)
    props.onPayee(null)
  }
  const ask = async (wanted = name.trim()) => {
    setTouched(true)
    if (!mobile || wanted === '' || busy) return
    setBusy(true)
    setProblem(null)
    try {
      const answer = await bank.call('POST /v1/payee-checks', {
        body: { phone: mobile, name: wanted },
      })
      setCheck(answer)
      // A close match cannot be paid: the user takes the suggested name, or asks the payee.
      props.onPayee(answer.result === 'match' ? { phone: mobile, name: wanted } : null)
    } catch (error) {
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  const useSuggested = () => {
    const wanted = check?.suggestedName ?? ''
    setName(wanted)
    void ask(wanted)
  }
  const kind = check?.result === 'match' ? 'good' : check?.result === 'closeMatch' ? 'wait' : 'bad'
  return (
    <Form onSubmit={() => void ask()} testId="payee-form">
      <Section>
        <Field
          label={t('transfer.phone')}
          value={phone}
          onValue={edit(setPhone)}
          type="tel"
          inputMode="tel"
          autoComplete="off"
          placeholder="138 0000 0000"
          fault={faults.phone ?? (touched && !mobile ? t('phone.wrong') : undefined)}
          testId="payee-phone"
        />
        <Field
          label={t('transfer.name')}
          value={name}
          onValue={edit(setName)}
          autoComplete="off"
          maxLength={60}
          hint={t('transfer.nameHint')}
          fault={
            faults.name ?? (touched && name.trim() === '' ? t('transfer.nameMissing') : undefined)
          }
          testId="payee-name"
        />
        {check && (
          <Note kind={kind} testId={`payee-${kebab(check.result)}`}>
            <p>
              {t(`payee.${check.result}`, {
                name: check.maskedName,
                suggested: check.suggestedName ?? check.maskedName,
              })}
            </p>
            {check.result === 'closeMatch' && check.suggestedName && (
              <Button
                size="small"
                loading={busy}
                onClick={useSuggested}
                data-testid="payee-use-name"
              >
                {t('payee.useName')}
              </Button>
            )}
          </Note>
        )}
        {problem && !faults.phone && !faults.name && <ProblemNote problem={problem} />}
        {kind === 'bad' && (
          <MainButton type="submit" loading={busy} data-testid="check-payee">
            {t('transfer.check')}
          </MainButton>
        )}
      </Section>
    </Form>
  )
}

function AmountForm(props: { account: Account; limits: Limit[]; payee: Payee }) {
  const { t } = useTranslation()
  const online = useOnline()
  const { account, payee } = props
  const [amount, setAmount] = useState('')
  const [memo, setMemo] = useState('')
  const [fault, setFault] = useState('')
  const [open, setOpen] = useState(false)
  const { pay, busy, problem, clear } = usePayOnce((body: TransferOrder, key) =>
    bank.call('POST /v1/transfers', { body, key }),
  )
  const minor = parseMinor(amount)
  const money = moneyOf(minor ?? 0n, account.currency)
  const available = minorOf(balanceOf(account, 'interimAvailable'))
  const left = ['outflowNonBoundDay', 'outflowNonBoundYear'].flatMap((name) =>
    props.limits.flatMap((one) => (one.limit === name && one.left ? [minorOf(one.left)] : [])),
  )
  const most = leastOf(available, ...left)

  const edit = (text: string) => {
    setAmount(text)
    setFault('')
    clear()
  }
  const review = () => {
    if (minor === null || minor <= 0n) return setFault(t('money.enter'))
    if (minor > available)
      return setFault(t('transfer.notEnough', { most: showMoney(moneyOf(available), tag()) }))
    if (minor > most)
      return setFault(t('transfer.overLimit', { most: showMoney(moneyOf(most), tag()) }))
    setOpen(true)
  }
  const order: TransferOrder = {
    debtorAccountId: account.accountId,
    creditorPhone: payee.phone,
    creditorName: payee.name,
    instructedAmount: money,
    ...(memo.trim() === '' ? {} : { remittanceInformationUnstructured: memo.trim() }),
  }
  const faults = problem ? fieldFaults(problem, ['remittanceInformationUnstructured']).byField : {}
  return (
    <Form onSubmit={review} testId="transfer-form">
      <Section>
        <AmountField
          label={t('money.amount')}
          value={amount}
          onValue={edit}
          currency={account.currency}
          fault={fault || amountFault(problem)}
          hint={t('transfer.hint', { available: showMoney(moneyOf(available), tag()) })}
        />
      </Section>
      <Section>
        <Field
          label={t('transfer.memo')}
          value={memo}
          onValue={setMemo}
          maxLength={MEMO_MAX}
          autoComplete="off"
          fault={faults.remittanceInformationUnstructured}
          testId="memo"
        />
        <MainButton type="submit" disabled={!online} data-testid="to-review">
          {t('common.next')}
        </MainButton>
      </Section>
      <Review
        open={open}
        title={t('transfer.review')}
        money={money}
        facts={[
          [t('review.to'), payee.name],
          [t('transfer.phone'), <span className="digits">{payee.phone}</span>],
          [t('facts.memo'), memo.trim()],
          [t('review.fee'), t('review.free')],
          [t('review.arrives'), t('transfer.arrives')],
          [t('review.availableAfter'), showMoney(moneyOf(available - (minor ?? 0n)), tag())],
          [
            t('review.limitAfter'),
            left[0] !== undefined && showMoney(moneyOf(left[0] - (minor ?? 0n)), tag()),
          ],
        ]}
        busy={busy}
        problem={problem}
        action={t('transfer.action')}
        onPay={() => void pay(order)}
        onClose={() => setOpen(false)}
      />
    </Form>
  )
}

function kebab(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
