import {
  BellOutline,
  BillOutline,
  CheckShieldOutline,
  ClockCircleOutline,
  EyeInvisibleOutline,
  EyeOutline,
  FileOutline,
  PayCircleOutline,
  ReceivePaymentOutline,
  RightOutline,
  SendOutline,
  TransportQRcodeOutline,
} from 'antd-mobile-icons'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { balanceOf, type Customer } from '../../../shared/api.ts'
import { showInstant } from '../../../shared/format.ts'
import { minorOf, showMoney } from '../../../shared/money.ts'
import { useAccount, usePending, useMe, useOnline, useRecent, useUnread } from '../queries.ts'
import { changeSettings, lastSeen, useSettings } from '../settings.ts'
import { TransactionRow } from '../ui/transaction.tsx'
import { Logo, useBankName } from '../ui/brand.tsx'
import { Empty, ProblemNote, Row, Section, useTitle, Waiting } from '../ui/kit.tsx'
import { Amount, tag } from '../ui/money.tsx'

export function Home() {
  const { t } = useTranslation()
  const me = useMe().data
  const name = useBankName()
  useTitle(t('tabs.home'))
  return (
    <main className="page home" data-testid="home">
      <header className="home-top">
        <span className="brand">
          <Logo size={30} /> <span>{name}</span>
        </span>
        {me && <Bell />}
      </header>
      <h1 className="only-read">{t('tabs.home')}</h1>
      <Overview me={me ?? null} />
    </main>
  )
}

function Overview(props: { me: Customer | null }) {
  const { t } = useTranslation()
  const { account, error, isPending, refetch } = useAccount()
  const online = useOnline()
  const seen = lastSeen()
  if (!account && (error || !props.me) && seen) return <LastBalance />
  if (!account && error) return <ProblemNote problem={error} retry={() => void refetch()} />
  if (isPending) return <Waiting lines={5} />
  if (!account) return <OpenAccount me={props.me} />
  return (
    <>
      <Balance />
      {(!online || error) && seen && (
        <p className="as-of">{t('offline.asOf', { time: showInstant(seen.at, tag()) })}</p>
      )}
      <QuickActions disabled={!online} />
      <ToDos />
      <Recent accountId={account.accountId} />
    </>
  )
}

function Bell() {
  const { t } = useTranslation()
  const unread = useUnread().data ?? 0
  return (
    <Link
      to="/messages"
      className="icon-button bell"
      data-testid="to-messages"
    >
      <span className="only-read">{t('messages.bell', { count: unread })}</span>
      <BellOutline aria-hidden />
      {unread > 0 && (
        <span className="dot" aria-hidden>
          {unread > 9 ? '9+' : unread}
        </span>
      )}
    </Link>
  )
}

function Balance() {
  const { t } = useTranslation()
  const { hidden } = useSettings()
  const { account } = useAccount()
  if (!account) return null
  const booked = balanceOf(account, 'interimBooked')
  const available = balanceOf(account, 'interimAvailable')
  const held = minorOf(booked) !== minorOf(available)
  return (
    <section className="hero" aria-label={t('home.balance')} data-testid="balance-card">
      <div className="hero-head">
        <span>{t('home.balance')}</span>
        <button
          type="button"
          className="icon-button"
          aria-pressed={hidden}
          aria-label={t(hidden ? 'home.show' : 'home.hide')}
          onClick={() => changeSettings({ hidden: !hidden })}
          data-testid="hide-balance"
        >
          {hidden ? <EyeInvisibleOutline aria-hidden /> : <EyeOutline aria-hidden />}
        </button>
      </div>
      <Amount money={booked} hidden={hidden} size="huge" testId="balance" />
      <dl className="hero-facts">
        <div>
          <dt>{t('home.available')}</dt>
          <dd data-testid="available">
            {hidden ? '****' : showMoney(held ? available : booked, tag())}
          </dd>
        </div>
        <div>
          <dt>{t('home.interest', { rate: account.product.interestRate })}</dt>
          <dd data-testid="accrued-interest">{hidden ? '****' : `¥${account.accruedInterest}`}</dd>
        </div>
      </dl>
    </section>
  )
}

function LastBalance() {
  const { t } = useTranslation()
  const { hidden } = useSettings()
  const seen = lastSeen()
  if (!seen) return null
  return (
    <>
      <section className="hero" aria-label={t('home.balance')}>
        <div className="hero-head">
          <span>{t('home.balance')}</span>
        </div>
        <Amount money={seen.balance} hidden={hidden} size="huge" testId="balance" />
        <p className="hero-note" data-testid="balance-as-of">
          {t('offline.asOf', { time: showInstant(seen.at, tag()) })}
        </p>
      </section>
      <QuickActions disabled />
      <Section>
        <Empty icon={<TransportQRcodeOutline />} text={t('offline.noPayments')} />
      </Section>
    </>
  )
}

function QuickActions(props: { disabled: boolean }) {
  const { t } = useTranslation()
  const actions: [string, string, ReactNode][] = [
    ['/top-up', 'topUp', <ReceivePaymentOutline aria-hidden />],
    ['/transfer', 'transfer', <SendOutline aria-hidden />],
    ['/withdraw', 'withdraw', <PayCircleOutline aria-hidden />],
    ['/statement', 'statement', <FileOutline aria-hidden />],
  ]
  return (
    <nav className="actions" aria-label={t('home.actions')}>
      {actions.map(([to, name, icon]) =>
        props.disabled ? (
          <span
            key={to}
            className="action off"
            aria-disabled="true"
            data-testid={`action-${kebab(name)}`}
          >
            <span className="action-icon">{icon}</span>
            {t(`actions.${name}`)}
          </span>
        ) : (
          <Link key={to} to={to} className="action" data-testid={`action-${kebab(name)}`}>
            <span className="action-icon">{icon}</span>
            {t(`actions.${name}`)}
          </Link>
        ),
      )}
    </nav>
  )
}

function ToDos() {
  const { t } = useTranslation()
  const pending = usePending().data ?? []
  if (pending.length === 0) return null
  return (
    <Section title={t('home.toDo')} flush testId="to-do">
      {pending.map((one) => (
        <Row
          key={one.paymentId}
          icon={<ClockCircleOutline />}
          title={t(`payment.checking.${one.kind}`)}
          note={t('home.checkingNote', { amount: showMoney(one.instructedAmount, tag()) })}
          to={`/payments/${one.paymentId}`}
          testId="to-do-payment"
        />
      ))}
    </Section>
  )
}

function Recent(props: { accountId: string }) {
  const { t } = useTranslation()
  const { hidden } = useSettings()
  const recent = useRecent(props.accountId)
  const more = (
    <Link to="/activity" className="more" data-testid="to-activity">
      {t('home.all')} <RightOutline aria-hidden />
    </Link>
  )
  return (
    <Section title={t('home.recent')} more={more} flush testId="recent">
      {recent.isPending && <Waiting />}
      {recent.error && <ProblemNote problem={recent.error} retry={() => void recent.refetch()} />}
      {recent.data?.length === 0 && <Empty icon={<BillOutline />} text={t('activity.none')} />}
      {recent.data?.map((one) => (
        <TransactionRow key={one.transactionId} transaction={one} hidden={hidden} withDay />
      ))}
    </Section>
  )
}

/** Home of a customer who has not finished opening the account. */
function OpenAccount(props: { me: Customer | null }) {
  const { t } = useTranslation()
  const steps = props.me?.onboarding.steps.filter((step) => step.state !== 'notRequired') ?? []
  const done = steps.filter((step) => step.state === 'done').length
  const waits =
    props.me?.onboarding.next === 'card' && steps.some((step) => step.state === 'review')
  return (
    <Section testId="finish-opening">
      <div className="finish">
        <span className="finish-icon" aria-hidden>
          <CheckShieldOutline />
        </span>
        <h2>{t(waits ? 'home.reviewing' : 'home.finish')}</h2>
        <p>
          {waits ? t('home.reviewingNote') : t('home.finishNote', { done, total: steps.length })}
        </p>
        <Link to="/sign-up" className="button-link" data-testid="continue-opening">
          {t(waits ? 'home.reviewingLook' : 'home.continue')}
        </Link>
      </div>
    </Section>
  )
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
