// All data of one customer: profile, accounts, cards, consents, checks, sessions.

import { CheckCircleFilled, ClockCircleOutlined, CloseCircleFilled, MinusCircleOutlined } from '@ant-design/icons'
import { Button, type TableColumnType } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useNavigate, useParams } from 'react-router'
import { groupByFour } from '../../../shared/identifiers.ts'
import { useAnswer } from '../api/client'
import type { Account } from '../../../shared/api.ts'
import type { Card, Consent, Customer, Customer360, IdentityCheck, Session } from '../api/types'
import { useStaff } from '../layout/shell'
import { Amount } from '../parts/amount'
import { Facts, Instant, Loading, Mono, PageHead, Problem, Section, StateTag, Words } from '../parts/bits'
import { ProposeCustomerState } from '../parts/propose'
import { ProposePhone } from '../parts/propose-phone'
import { Reveal } from '../parts/reveal'
import { Small } from '../parts/small'
import { may } from '../permissions'

export default function CustomerView() {
  const { t } = useTranslation()
  const { id = '' } = useParams()
  const answer = useAnswer('GET /v1/staff/customers/{id}', { params: { id } })
  if (answer.error) return <Problem error={answer.error} retry={() => void answer.refetch()} />
  if (!answer.data) return <Loading rows={12} />
  const { customer } = answer.data
  return (
    <div data-testid="customer">
      <PageHead
        title={
          <>
            {customer.name ?? t('customer.unnamed')} <StateTag group="customerState" state={customer.state} />
          </>
        }
        note={<Link to={`/payments?q=${encodeURIComponent(id)}`}>{t('customer.payments')}</Link>}
      >
        <PhoneChange id={id} customer={customer} />
        <StateChange id={id} customer={customer} />
      </PageHead>
      <Profile id={id} customer={customer} />
      <Parts data={answer.data} />
    </div>
  )
}

// A customer who lost the number and has no session is identified at the counter.
function PhoneChange({ id, customer }: { id: string; customer: Customer }) {
  const { t } = useTranslation()
  const staff = useStaff()
  const [asking, setAsking] = useState(false)
  if (customer.state === 'closed' || !may(staff, 'changeCustomers') || !may(staff, 'proposeChanges')) return null
  return (
    <>
      <Button onClick={() => setAsking(true)} data-testid="customer-phone">
        {t('counter.title')}
      </Button>
      {asking && <ProposePhone id={id} onClose={() => setAsking(false)} />}
    </>
  )
}

// Suspending and resuming need two people.
function StateChange({ id, customer }: { id: string; customer: Customer }) {
  const { t } = useTranslation()
  const staff = useStaff()
  const [asking, setAsking] = useState(false)
  const active = customer.state === 'active'
  if ((!active && customer.state !== 'suspended') || !may(staff, 'changeCustomers') || !may(staff, 'proposeChanges')) {
    return null
  }
  return (
    <>
      <Button danger={active} onClick={() => setAsking(true)} data-testid="customer-state">
        {t(active ? 'change.suspend' : 'change.resume')}
      </Button>
      {asking && (
        <ProposeCustomerState id={id} active={active} onClose={() => setAsking(false)} />
      )}
    </>
  )
}

function Profile({ id, customer }: { id: string; customer: Customer }) {
  const { t } = useTranslation()
  const steps = customer.onboarding?.steps ?? []
  const icons = {
    done: <CheckCircleFilled aria-hidden />,
    todo: <ClockCircleOutlined aria-hidden />,
    notRequired: <MinusCircleOutlined aria-hidden />,
    review: <ClockCircleOutlined aria-hidden />,
    refused: <CloseCircleFilled aria-hidden />,
  }
  return (
    <Section title={t('customer.profile')}>
      <Facts
        items={[
          [
            t('customer.id'),
            <Mono copy key="i">
              {id}
            </Mono>,
          ],
          [
            t('customer.phone'),
            <Reveal key="p" customerId={id} field="phone" masked={customer.phone} />,
          ],
          [
            t('customer.idNumber'),
            <Reveal
              key="n"
              customerId={id}
              field="idNumber"
              masked={customer.maskedIdNumber}
            />,
          ],
          [t('customer.language'), t(`language.${customer.language}`, { defaultValue: customer.language })],
          [t('customer.since'), <Instant key="s" at={customer.createdAt} />],
        ]}
      />
      {steps.length > 0 && (
        <ol className="steps" aria-label={t('customer.onboarding')}>
          {steps.map((s) => (
            <li key={s.step} className={`step step-${s.state}`}>
              {icons[s.state]} {t(`step.${s.step}`, { defaultValue: s.step })}
              <span className="muted">{t(`stepState.${s.state}`)}</span>
            </li>
          ))}
        </ol>
      )}
    </Section>
  )
}

function Parts({ data }: { data: Customer360 }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const balance = (a: Account, type: string) => (
    <Amount value={a.balances.find((b) => b.balanceType === type)?.balanceAmount} />
  )
  const accounts: TableColumnType<Account>[] = [
    {
      title: t('account.number'),
      render: (_, a) => (
        <Link className="mono" to={`/accounts/${a.accountId}`} data-testid="account-link">
          {groupByFour(a.accountNumber)}
        </Link>
      ),
    },
    { title: t('account.product'), render: (_, a) => <Words of={a.product.name} /> },
    { title: t('common.state'), render: (_, a) => <StateTag group="accountState" state={a.state} /> },
    { title: t('account.booked'), align: 'right', render: (_, a) => balance(a, 'interimBooked') },
    { title: t('account.available'), align: 'right', render: (_, a) => balance(a, 'interimAvailable') },
    { title: t('account.openedAt'), render: (_, a) => <Instant at={a.openedAt} /> },
  ]
  const cards: TableColumnType<Card>[] = [
    { title: t('card.issuer'), render: (_, c) => <Words of={c.issuer.name} /> },
    { title: t('card.number'), render: (_, c) => <Mono>{c.maskedPan}</Mono> },
    {
      title: t('card.kind'),
      render: (_, c) =>
        `${t(`cardKind.${c.cardKind}`, { defaultValue: c.cardKind })} · ${t('card.class', { class: c.accountClass })}`,
    },
    { title: t('common.state'), render: (_, c) => <StateTag group="cardState" state={c.state} /> },
    { title: t('card.perPayment'), align: 'right', render: (_, c) => <Amount value={c.perPaymentLimit} /> },
    { title: t('card.perDay'), align: 'right', render: (_, c) => <Amount value={c.perDayLimit} /> },
    { title: t('card.boundAt'), render: (_, c) => <Instant at={c.boundAt} /> },
  ]
  const consents: TableColumnType<Consent>[] = [
    { title: t('consent.purpose'), render: (_, c) => t(`purpose.${c.purpose}`, { defaultValue: c.purpose }) },
    { title: t('consent.version'), dataIndex: 'textVersion' },
    { title: t('consent.granted'), render: (_, c) => <StateTag group="granted" state={c.granted ? 'yes' : 'no'} /> },
    { title: t('common.at'), render: (_, c) => <Instant at={c.at} /> },
  ]
  const checks: TableColumnType<IdentityCheck>[] = [
    { title: t('check.check'), render: (_, c) => t(`checkName.${c.check}`, { defaultValue: c.check }) },
    { title: t('check.result'), render: (_, c) => <StateTag group="checkResult" state={c.result} /> },
    { title: t('check.score'), align: 'right', render: (_, c) => <span className="digits">{c.score ?? '—'}</span> },
    { title: t('check.version'), dataIndex: 'version' },
    { title: t('common.at'), render: (_, c) => <Instant at={c.at} /> },
    {
      title: t('check.evidence'),
      render: (_, c) =>
        c.evidenceHash ? (
          <Mono copy short={16}>
            {c.evidenceHash}
          </Mono>
        ) : (
          '—'
        ),
    },
  ]
  const sessions: TableColumnType<Session>[] = [
    { title: t('session.device'), dataIndex: 'deviceName' },
    { title: t('session.createdAt'), render: (_, s) => <Instant at={s.createdAt} /> },
    { title: t('session.lastSeenAt'), render: (_, s) => <Instant at={s.lastSeenAt} /> },
    { title: t('session.id'), render: (_, s) => <Mono short={12}>{s.sessionId}</Mono> },
  ]
  return (
    <>
      <Small
        label={t('customer.accounts')}
        items={data.accounts}
        columns={accounts}
        rowKey={(a) => a.accountId}
        empty={t('customer.noAccounts')}
        onOpen={(a) => void navigate(`/accounts/${a.accountId}`)}
        testId="customer-accounts"
      />
      <Small
        label={t('customer.cards')}
        items={data.cards}
        columns={cards}
        rowKey={(c) => c.cardId}
        empty={t('customer.noCards')}
        testId="customer-cards"
      />
      <Small
        label={t('customer.checks')}
        items={data.checks}
        columns={checks}
        rowKey={(c) => `${c.check} ${c.at}`}
        empty={t('customer.noChecks')}
        testId="customer-checks"
      />
      <Small
        label={t('customer.consents')}
        items={data.consents}
        columns={consents}
        rowKey={(c) => `${c.purpose} ${c.at}`}
        empty={t('customer.noConsents')}
        testId="customer-consents"
      />
      <Small
        label={t('customer.sessions')}
        items={data.sessions}
        columns={sessions}
        rowKey={(s) => s.sessionId}
        empty={t('customer.noSessions')}
        testId="customer-sessions"
      />
    </>
  )
}
