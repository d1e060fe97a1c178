import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { balanceOf, type Account, type Card } from '../../../shared/api.ts'
import { fieldFaults, type Problem } from '../../../shared/problem.ts'
import {
  leastOf,
  minorOf,
  moneyOf,
  parseMinor,
  formatMinor,
  showMoney,
} from '../../../shared/money.ts'
import { bank, type CardOrder, type Limit } from '../bank.ts'
import { usePayOnce } from '../pay-once.ts'
import { useCards, useLimits, useOnline } from '../queries.ts'
import { useChosenAccount } from '../ui/account-choice.tsx'
import { CardChoice, cardName } from '../ui/card-choice.tsx'
import { Form, MainButton, Page, ProblemNote, Section, Waiting } from '../ui/kit.tsx'
import { AmountField, tag } from '../ui/money.tsx'
import { Review } from '../ui/review.tsx'

type Direction = 'topUp' | 'withdraw'

const ROUTES = { topUp: 'POST /v1/top-ups', withdraw: 'POST /v1/withdrawals' } as const

/** A payment between the account and a bound card, in either direction. */
export function CardOrderPage(props: { direction: Direction }) {
  const { t } = useTranslation()
  const { account, choice, error, refetch } = useChosenAccount()
  const cards = useCards()
  const limits = useLimits(account?.accountId)
  const failed = error ?? cards.error
  return (
    <Page
      title={t(`${props.direction}.title`)}
      back="/"
      testId={props.direction === 'topUp' ? 'top-up' : 'withdraw'}
    >
      {failed && <ProblemNote problem={failed} retry={() => void refetch()} />}
      {!failed && (!account || !cards.data) && <Waiting lines={6} />}
      {choice}
      {account && cards.data && (
        <OrderForm
          key={account.accountId}
          direction={props.direction}
          account={account}
          cards={cards.data}
          limits={limits.data ?? []}
        />
      )}
    </Page>
  )
}

function OrderForm(props: {
  direction: Direction
  account: Account
  cards: Card[]
  limits: Limit[]
}) {
  const { t } = useTranslation()
  const online = useOnline()
  const { account, cards, direction } = props
  const [cardId, setCardId] = useState(cards[0]?.cardId ?? '')
  const [amount, setAmount] = useState('')
  const [fault, setFault] = useState('')
  const [open, setOpen] = useState(false)
  const { pay, busy, problem, clear } = usePayOnce((body: CardOrder, key) =>
    bank.call(ROUTES[direction], { body, key }),
  )
  const card = cards.find((one) => one.cardId === cardId)
  const most = mostOf(direction, account, card, props.limits)
  const minor = parseMinor(amount)
  const money = moneyOf(minor ?? 0n, account.currency)

  const edit = (text: string) => {
    setAmount(text)
    setFault('')
    clear()
  }
  const review = () => {
    if (!card) return setFault(t('cards.choose'))
    if (minor === null || minor <= 0n) return setFault(t('money.enter'))
    if (minor > most)
      return setFault(t(`${direction}.tooMuch`, { most: showMoney(moneyOf(most), tag()) }))
    setOpen(true)
  }
  const order: CardOrder = { accountId: account.accountId, cardId, instructedAmount: money }
  const facts: [string, string][] = card
    ? [
        [t('review.from'), direction === 'topUp' ? cardName(card) : t('review.myAccount')],
        [t('review.to'), direction === 'topUp' ? t('review.myAccount') : cardName(card)],
        [t('review.fee'), t('review.free')],
        [t('review.arrives'), t(`${direction}.arrives`)],
        [
          t(direction === 'withdraw' ? 'review.availableAfter' : 'review.leftAfter'),
          showMoney(moneyOf(most - (minor ?? 0n)), tag()),
        ],
      ]
    : []
  return (
    <Form onSubmit={review} testId="order-form">
      <Section>
        <CardChoice
          label={t(`${direction}.card`)}
          cards={cards}
          value={cardId}
          onValue={setCardId}
        />
      </Section>
      <Section>
        <AmountField
          label={t('money.amount')}
          value={amount}
          onValue={edit}
          currency={account.currency}
          fault={fault || amountFault(problem)}
          hint={t(`${direction}.hint`, { most: showMoney(moneyOf(most), tag()) })}
          quick={quickOf(direction, most, t('withdraw.all'))}
        />
        {!open && problem && <ProblemNote problem={problem} />}
        <MainButton type="submit" disabled={!online || cards.length === 0} data-testid="to-review">
          {t('common.next')}
        </MainButton>
      </Section>
      <Review
        open={open}
        title={t(`${direction}.review`)}
        money={money}
        facts={facts}
        busy={busy}
        problem={problem}
        action={t(`${direction}.action`)}
        onPay={() => void pay(order)}
        onClose={() => setOpen(false)}
      />
    </Form>
  )
}

export function amountFault(problem: Problem | null): string | undefined {
  return problem ? fieldFaults(problem, ['instructedAmount']).byField.instructedAmount : undefined
}

/** Maximum of one payment now: the least of balance, card limit and remaining limits. */
function mostOf(
  direction: Direction,
  account: Account,
  card: Card | undefined,
  limits: Limit[],
): bigint {
  const left = (name: string) =>
    limits.flatMap((limit) => (limit.limit === name && limit.left ? [minorOf(limit.left)] : []))
  if (direction === 'withdraw') {
    return minorOf(balanceOf(account, 'interimAvailable'))
  }
  const ceilings = [...left('topUpPayment'), ...left('topUpDay'), ...left('balanceMax')]
  const own = card ? [minorOf(card.perPaymentLimit), minorOf(card.perDayLimit)] : []
  const [first = 0n, ...rest] = [...own, ...ceilings]
  return leastOf(first, ...rest)
}

function quickOf(direction: Direction, most: bigint, all: string) {
  if (direction === 'withdraw') return most > 0n ? [{ text: all, value: formatMinor(most) }] : []
  return ['100', '500', '1000', '5000']
    .filter((value) => (parseMinor(value) ?? 0n) <= most)
    .map((value) => ({ text: `¥${value}`, value }))
}
