// One account: balances now and at any past instant, limits, and its lines with their journals.

import { Button, DatePicker, Progress, Space } from 'antd'
import dayjs from 'dayjs'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useNavigate, useParams } from 'react-router'
import { groupByFour } from '../../../shared/identifiers.ts'
import { percentOf } from '../../../shared/money.ts'
import { useAnswer, useRows } from '../api/client'
import type { Account, Balance, Limit, Transaction } from '../api/types'
import { useFilters } from '../filters'
import { bankToday, instantOf } from '../format'
import { useStaff } from '../layout/shell'
import { Amount, DirectedAmount } from '../parts/amount'
import {
  Day,
  Facts,
  IdLink,
  Instant,
  Loading,
  Mono,
  Nothing,
  PageHead,
  Problem,
  Section,
  StateTag,
  Words,
} from '../parts/bits'
import { AmountFilter, ChoiceFilter, ClearFilters, DatesFilter, TextFilter } from '../parts/filters'
import { JournalDrawer, recipeName } from '../parts/journal'
import { ProposeClass, ProposeFreeze } from '../parts/propose'
import { DataTable, type Column } from '../parts/table'
import { may, mayOpen } from '../permissions'

export default function AccountView() {
  const { t } = useTranslation()
  const { id = '' } = useParams()
  const answer = useAnswer('GET /v1/staff/accounts/{id}', { params: { id } })
  if (answer.error) return <Problem error={answer.error} retry={() => void answer.refetch()} />
  if (!answer.data) return <Loading rows={12} />
  const account = answer.data
  return (
    <div data-testid="account">
      <PageHead
        title={
          <>
            <span className="digits">{groupByFour(account.accountNumber)}</span>{' '}
            <StateTag group="accountState" state={account.state} />
          </>
        }
        note={
          account.owner && (
            <Link to={`/customers/${account.owner.customerId}`}>{account.owner.name ?? t('customer.unnamed')}</Link>
          )
        }
      >
        <Proposals account={account} />
      </PageHead>
      <div className="board">
        <Section title={t('account.balances')}>
          <Balances balances={account.balances} />
          <About account={account} />
        </Section>
        <Section title={t('account.pastBalance')}>
          <PastBalance id={id} />
        </Section>
      </div>
      <Limits id={id} />
      <Lines id={id} />
    </div>
  )
}

// A freeze, its lifting and another class need two people.
function Proposals({ account }: { account: Account }) {
  const { t } = useTranslation()
  const staff = useStaff()
  const [asking, setAsking] = useState<'freeze' | 'class' | null>(null)
  const frozen = account.state === 'frozen'
  if ((!frozen && account.state !== 'active') || !may(staff, 'changeCustomers') || !may(staff, 'proposeChanges')) {
    return null
  }
  const close = () => setAsking(null)
  return (
    <Space>
      {['I', 'II', 'III'].includes(account.class) && (
        <Button onClick={() => setAsking('class')} data-testid="account-class">
          {t('change.class')}
        </Button>
      )}
      <Button danger={!frozen} onClick={() => setAsking('freeze')} data-testid="account-freeze">
        {t(frozen ? 'change.unfreeze' : 'change.freeze')}
      </Button>
      {asking === 'freeze' && <ProposeFreeze id={account.accountId} frozen={frozen} onClose={close} />}
      {asking === 'class' && <ProposeClass id={account.accountId} now={account.class} onClose={close} />}
    </Space>
  )
}

function Balances({ balances }: { balances: Balance[] }) {
  const { t } = useTranslation()
  return (
    <div className="balances">
      {balances.map((b) => (
        <div key={b.balanceType}>
          <div className="figure-label">{t(`balance.${b.balanceType}`, { defaultValue: b.balanceType })}</div>
          <div className="figure-value" data-testid={`balance-${b.balanceType}`}>
            <Amount value={b.balanceAmount} />
          </div>
        </div>
      ))}
    </div>
  )
}

function About({ account }: { account: Account }) {
  const { t } = useTranslation()
  return (
    <Facts
      items={[
        [t('account.product'), <Words key="p" of={account.product.name} />],
        [
          t('account.rate'),
          <span key="r" className="digits">
            {account.product.interestRate}
          </span>,
        ],
        [t('account.rule'), <Mono key="v">{account.product.ruleVersion}</Mono>],
        [
          t('account.accrued'),
          <span key="a" className="digits">
            {account.accruedInterest} {account.currency}
          </span>,
        ],
        [
          t('account.id'),
          <Mono key="i" copy>
            {account.accountId}
          </Mono>,
        ],
        [t('account.openedAt'), <Instant key="o" at={account.openedAt} />],
      ]}
    />
  )
}

function PastBalance({ id }: { id: string }) {
  const { t } = useTranslation()
  const [at, setAt] = useState('')
  const answer = useAnswer(
    'GET /v1/staff/accounts/{id}/balances',
    { params: { id }, query: { at } },
    { enabled: at !== '' },
  )
  return (
    <>
      <p className="muted">{t('account.pastNote')}</p>
      <DatePicker
        className="past-pick"
        showTime
        format="YYYY-MM-DD HH:mm:ss"
        aria-label={t('account.pastInstant')}
        placeholder={t('account.pastInstant')}
        style={{ width: 230 }}
        disabledDate={(day) => day.format('YYYY-MM-DD') > bankToday()}
        data-testid="balance-at"
        defaultPickerValue={dayjs()}
        onChange={(day) => setAt(day ? instantOf(day.format('YYYY-MM-DD'), day.format('HH:mm:ss')) : '')}
      />
      <div aria-live="polite" className="past" data-testid="balance-at-answer">
        {answer.error ? (
          <Problem error={answer.error} inline />
        ) : at && answer.data ? (
          <>
            <Balances balances={answer.data.balances} />
            <p className="muted">
              {t('account.asOf')} <Instant at={answer.data.asOf} />
            </p>
          </>
        ) : at ? (
          <Loading rows={2} />
        ) : null}
      </div>
    </>
  )
}

function Limits({ id }: { id: string }) {
  const { t } = useTranslation()
  const answer = useAnswer('GET /v1/staff/accounts/{id}/limits', { params: { id } })
  const items: Limit[] = answer.data?.items ?? []
  return (
    <Section title={t('account.limits')}>
      {answer.error ? (
        <Problem error={answer.error} inline retry={() => void answer.refetch()} />
      ) : !answer.data ? (
        <Loading rows={3} />
      ) : items.length === 0 ? (
        <Nothing text={t('account.noLimits')} />
      ) : (
        <ul className="limits">
          {items.map((l) => {
            const name = t(`limit.${l.limit}`, { defaultValue: l.limit })
            return (
              <li key={l.limit}>
                <div className="limit-name">{name}</div>
                {l.max && (
                  <Progress percent={percentOf(l.used, l.max)} size="small" showInfo={false} aria-label={name} />
                )}
                <div className="limit-sums">
                  <Amount value={l.used} currency={false} /> /{' '}
                  {l.max ? <Amount value={l.max} /> : t('account.unlimited')}
                </div>
                <div className="muted limit-source">
                  {l.left && (
                    <>
                      {t('account.left')} <Amount value={l.left} currency={false} /> ·{' '}
                    </>
                  )}
                  <Words of={l.source} /> · <span className="mono">{l.ruleVersion}</span>
                </div>
              </li>
            )
          })}
        </ul>
      )}
    </Section>
  )
}

const names = ['q', 'direction', 'kind', 'from', 'to', 'minAmount', 'maxAmount', 'journal'] as const
const kinds = ['transfer', 'topUp', 'withdrawal', 'interest', 'reversal', 'other']

function Lines({ id }: { id: string }) {
  const { t } = useTranslation()
  const [{ journal, ...filters }, set, clear] = useFilters(names)
  const staff = useStaff()
  const navigate = useNavigate()
  // A line opens its journal, or its payment for users without access to the ledger.
  const open = (line: Transaction) => {
    if (mayOpen(staff, 'ledger')) set({ journal: line.transactionId })
    else if (line.paymentId) void navigate(`/payments/${line.paymentId}`)
  }
  const rows = useRows('GET /v1/staff/accounts/{id}/transactions', { params: { id }, query: filters })
  const columns: Column<Transaction>[] = [
    { key: 'bookedAt', title: t('line.bookedAt'), fixedChoice: true, render: (_, l) => <Instant at={l.bookedAt} /> },
    { key: 'kind', title: t('line.kind'), render: (_, l) => t(`kind.${l.kind}`, { defaultValue: l.kind }) },
    {
      key: 'counterparty',
      title: t('line.counterparty'),
      render: (_, l) => (
        <>
          {l.counterpartyName || '—'}
          {l.counterpartyAccount && <div className="muted mono small">{l.counterpartyAccount}</div>}
        </>
      ),
    },
    {
      key: 'memo',
      title: t('line.memo'),
      ellipsis: true,
      render: (_, l) => l.remittanceInformationUnstructured || <span className="muted">—</span>,
    },
    {
      key: 'amount',
      title: t('line.amount'),
      align: 'right',
      fixedChoice: true,
      render: (_, l) => <DirectedAmount value={l.transactionAmount} direction={l.direction} />,
    },
    {
      key: 'after',
      title: t('line.balanceAfter'),
      align: 'right',
      render: (_, l) => <Amount value={l.balanceAfter} currency={false} />,
    },
    {
      key: 'bookingDate',
      title: t('journal.bookingDate'),
      extra: true,
      render: (_, l) => <Day date={l.bookingDate} />,
    },
    { key: 'valueDate', title: t('journal.valueDate'), extra: true, render: (_, l) => <Day date={l.valueDate} /> },
    {
      key: 'payment',
      title: t('line.payment'),
      extra: true,
      render: (_, l) => (l.paymentId ? <IdLink to={`/payments/${l.paymentId}`} id={l.paymentId} /> : '—'),
    },
    {
      key: 'recipe',
      title: t('line.recipe'),
      render: (_, l) => recipeName(t as never, l.recipe),
    },
  ]
  return (
    <Section title={t('account.lines')}>
      <DataTable
        id="account-lines"
        label={t('account.lines')}
        rows={rows}
        columns={columns}
        rowKey={(l) => `${l.transactionId}-${l.direction}`}
        onOpen={open}
        openKey={journal}
        filters={
          <>
            <TextFilter value={filters.q} onChange={(q) => set({ q })} label={t('line.search')} width={200} />
            <ChoiceFilter
              value={filters.direction}
              onChange={(direction) => set({ direction })}
              label={t('line.direction')}
              testId="filter-direction"
              width={110}
              options={['in', 'out'].map((value) => ({ value, label: t(`direction.${value}`) }))}
            />
            <ChoiceFilter
              value={filters.kind}
              onChange={(kind) => set({ kind })}
              label={t('line.kind')}
              testId="filter-kind"
              options={kinds.map((value) => ({ value, label: t(`kind.${value}`) }))}
            />
            <DatesFilter from={filters.from} to={filters.to} onChange={(from, to) => set({ from, to })} />
            <AmountFilter
              value={filters.minAmount}
              onChange={(minAmount) => set({ minAmount })}
              label={t('line.minAmount')}
              testId="filter-min"
            />
            <AmountFilter
              value={filters.maxAmount}
              onChange={(maxAmount) => set({ maxAmount })}
              label={t('line.maxAmount')}
              testId="filter-max"
            />
            <ClearFilters shown={Object.keys(filters).length > 0} onClear={clear} />
          </>
        }
      />
      <JournalDrawer id={journal} onClose={() => set({ journal: '' })} />
    </Section>
  )
}
