import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Navigate, useNavigate, useParams } from 'react-router'
import { balanceOf, type Account } from '../../../shared/api.ts'
import { useFormKey } from '../../../shared/idempotency.ts'
import { groupByFour } from '../../../shared/identifiers.ts'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { minorOf, showMoney } from '../../../shared/money.ts'
import { bank } from '../bank.ts'
import { queries, useAccounts, useCards, useMoneyMoved } from '../queries.ts'
import { NotConfirmed, useStepUp } from '../step-up.tsx'
import { cardName, CardChoice } from '../ui/card-choice.tsx'
import { Choice, Facts, MainButton, Note, Page, ProblemNote, Section, Waiting } from '../ui/kit.tsx'
import { tag } from '../ui/money.tsx'
import { say } from '../ui/say.ts'

/** Closes one account: interest is paid, the rest goes to an own card or account, then it closes. */
export default function CloseAccount() {
  const { t } = useTranslation()
  const { accountId } = useParams()
  const accounts = useAccounts()
  const account = accounts.data?.find((one) => one.accountId === accountId)
  if (accounts.data && !account) return <Navigate to="/me/accounts" replace />
  return (
    <Page title={t('closeAccount.title')} back="/me/accounts" testId="close-account-page">
      {accounts.error && <ProblemNote problem={accounts.error} />}
      {account && accounts.data ? (
        <CloseForm account={account} others={accounts.data} />
      ) : (
        <Waiting />
      )}
    </Page>
  )
}

function CloseForm(props: { account: Account; others: Account[] }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const stepUp = useStepUp()
  const moneyMoved = useMoneyMoved()
  const formKey = useFormKey()
  const cards = useCards().data ?? []
  const { account } = props
  const targets = props.others.filter(
    (one) => one.accountId !== account.accountId && one.state === 'active',
  )
  const [way, setWay] = useState<'card' | 'account'>('card')
  const [cardId, setCardId] = useState<string | null>(null)
  const [targetId, setTargetId] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const booked = balanceOf(account, 'interimBooked')
  // Interest not yet paid is included.
  const hasMoney = minorOf(booked) > 0n || /[1-9]/.test(account.accruedInterest)
  const card = cardId ?? cards[0]?.cardId ?? ''
  const target = targetId ?? targets[0]?.accountId ?? ''
  const body = !hasMoney ? {} : way === 'card' ? { cardId: card } : { toAccountId: target }
  const ready = !hasMoney || (way === 'card' ? card !== '' : target !== '')

  const close = async () => {
    if (busy || !ready) return
    setBusy(true)
    setProblem(null)
    try {
      const params = { accountId: account.accountId }
      const answer = await stepUp(
        () =>
          bank.call('POST /v1/accounts/{accountId}/closure', {
            params,
            body,
            key: formKey.keyFor(body),
          }),
        { onRepeat: (again) => formKey.refused(again) },
      )
      moneyMoved()
      if (answer.payment && answer.account.state !== 'closed') {
        queries.setQueryData(['payment', answer.payment.paymentId], answer.payment)
        await navigate(`/payments/${answer.payment.paymentId}`, { replace: true })
        return
      }
      say(t('closeAccount.done'))
      await navigate('/me/accounts', { replace: true })
    } catch (error) {
      if (error instanceof NotConfirmed) return
      formKey.refused(problemOf(error))
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <Note kind="wait">{t('closeAccount.effect')}</Note>
      <Section>
        <Facts
          items={[
            [t('facts.kind'), t(`accountClass.${account.class}`)],
            [
              t('facts.account'),
              <span className="digits">{groupByFour(account.accountNumber)}</span>,
            ],
            [t('home.balance'), showMoney(booked, tag())],
            [t('closeAccount.interest'), `¥${account.accruedInterest}`],
          ]}
        />
      </Section>
      {hasMoney && (
        <Section title={t('closeAccount.payOut')}>
          {targets.length > 0 && (
            <Choice
              label={t('closeAccount.to')}
              value={way}
              options={[
                { value: 'card', text: t('closeAccount.toCard') },
                { value: 'account', text: t('closeAccount.toAccount') },
              ]}
              onValue={setWay}
              testId="pay-out"
            />
          )}
          {way === 'card' ? (
            <CardChoice
              label={t('withdraw.card')}
              cards={cards}
              value={card}
              onValue={setCardId}
            />
          ) : (
            <fieldset className="slots">
              <legend>{t('closeAccount.toAccount')}</legend>
              {targets.map((one) => (
                <label key={one.accountId} className={one.accountId === target ? 'chosen' : ''}>
                  <input
                    type="radio"
                    name="target"
                    checked={one.accountId === target}
                    onChange={() => setTargetId(one.accountId)}
                    data-testid={`target-${one.accountId}`}
                  />
                  {t(`accountClass.${one.class}`)} {one.accountNumber.slice(-4)}
                </label>
              ))}
            </fieldset>
          )}
          {way === 'card' && cards[0] && (
            <p className="field-hint">
              {t('closeAccount.ownOnly', {
                card: cardName(cards.find((one) => one.cardId === card) ?? cards[0]),
              })}
            </p>
          )}
        </Section>
      )}
      {problem && <ProblemNote problem={problem} />}
      <MainButton
        color="danger"
        loading={busy}
        disabled={!ready}
        onClick={() => void close()}
        data-testid="close-confirm"
      >
        {t('closeAccount.action')}
      </MainButton>
    </>
  )
}
