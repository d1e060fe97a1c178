// One payment: parties, amount, status, events and journals. A payment without a final channel answer is
// pending; staff can query the channel.

import { CloudSyncOutlined } from '@ant-design/icons'
import { App, Button, Timeline } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'react-router'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { client, refresh, useAnswer } from '../api/client'
import type { Journal, PaymentDetail } from '../api/types'
import { useStaff } from '../layout/shell'
import { Amount } from '../parts/amount'
import {
  Facts,
  Instant,
  Loading,
  Mono,
  Nothing,
  PageHead,
  Problem as ProblemBox,
  Section,
  StateTag,
  Words,
} from '../parts/bits'
import { JournalBody } from '../parts/journal'
import { may, mayOpen } from '../permissions'

export default function PaymentView() {
  const { t } = useTranslation()
  const { id = '' } = useParams()
  const answer = useAnswer(
    'GET /v1/staff/payments/{id}',
    { params: { id } },
    { every: (p) => (p && ['PDNG', 'RCVD'].includes(p.transactionStatus) ? 10_000 : false) },
  )
  if (answer.error) return <ProblemBox error={answer.error} retry={() => void answer.refetch()} />
  if (!answer.data) return <Loading rows={12} />
  const payment = answer.data
  return (
    <div data-testid="payment">
      <PageHead
        title={
          <>
            <Amount value={payment.instructedAmount} />{' '}
            <StateTag group="paymentStatus" state={payment.transactionStatus} />
          </>
        }
        note={t(`kind.${payment.kind}`, { defaultValue: payment.kind })}
      >
        <QueryNow payment={payment} />
      </PageHead>
      <div className="board board-wide">
        <Section title={t('payment.details')}>
          <Details payment={payment} />
        </Section>
        <Section title={t('payment.trail')}>
          <Trail payment={payment} />
        </Section>
      </div>
      <Journals payment={payment} />
    </div>
  )
}

function QueryNow({ payment }: { payment: PaymentDetail }) {
  const { t } = useTranslation()
  const staff = useStaff()
  const { message } = App.useApp()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  if (payment.kind === 'transfer' || !may(staff, 'queryPayment')) return null
  const open = ['PDNG', 'RCVD'].includes(payment.transactionStatus)
  const ask = async () => {
    setBusy(true)
    setProblem(null)
    try {
      const asked = await client.call('POST /v1/staff/payments/{id}/queries', { params: { id: payment.paymentId } })
      void message.info(t('payment.answered', { status: t(`paymentStatus.${asked.transactionStatus}`) }))
      await refresh('GET /v1/staff/payments/{id}', 'GET /v1/staff/payments')
    } catch (error) {
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      {problem && <ProblemBox error={problem} inline />}
      <Button
        type={open ? 'primary' : 'default'}
        icon={<CloudSyncOutlined />}
        loading={busy}
        disabled={!open}
        onClick={() => void ask()}
        data-testid="query-channel"
      >
        {t('payment.queryNow')}
      </Button>
    </>
  )
}

function Party({ name, account, id }: { name: string; account: string; id?: string | null }) {
  const staff = useStaff()
  return (
    <>
      {id && mayOpen(staff, 'customers') ? <Link to={`/customers/${id}`}>{name}</Link> : name}
      <div className="muted mono small">{account}</div>
    </>
  )
}

function Details({ payment: p }: { payment: PaymentDetail }) {
  const { t } = useTranslation()
  return (
    <Facts
      items={[
        [
          t('payment.id'),
          <Mono key="i" copy>
            {p.paymentId}
          </Mono>,
        ],
        [
          t('payment.e2e'),
          <Mono key="e" copy>
            {p.endToEndIdentification}
          </Mono>,
        ],
        [t('payment.debtor'), <Party key="d" name={p.debtorName} account={p.debtorAccount} id={p.debtorCustomerId} />],
        [
          t('payment.creditor'),
          <Party key="c" name={p.creditorName} account={p.creditorAccount} id={p.creditorCustomerId} />,
        ],
        !!p.card && [
          t('payment.card'),
          <span key="k">
            <Words of={p.card.issuer.name} /> <Mono>{p.card.maskedPan}</Mono>
          </span>,
        ],
        !!p.remittanceInformationUnstructured && [t('payment.memo'), p.remittanceInformationUnstructured],
        [t('payment.createdAt'), <Instant key="a" at={p.createdAt} />],
        [t('payment.settledAt'), <Instant key="s" at={p.settledAt} />],
        !!p.reasonCode && [
          t('payment.reason'),
          <span key="r">
            <Mono>{p.reasonCode}</Mono> <Words of={p.statusReason} />
          </span>,
        ],
        [t('payment.rule'), <Mono key="v">{p.ruleVersion}</Mono>],
        [
          t('payment.queries'),
          <span key="q" className="digits">
            {p.channelQueries}
          </span>,
        ],
      ]}
    />
  )
}

const colours: Record<string, string> = { settled: 'green', rejected: 'red', released: 'red' }

function Trail({ payment }: { payment: PaymentDetail }) {
  const { t } = useTranslation()
  const trail = payment.trail ?? []
  if (trail.length === 0) return <Nothing text={t('payment.noTrail')} />
  return (
    <Timeline
      data-testid="trail"
      items={trail.map((entry) => ({
        color: colours[entry.event] ?? (entry.event.includes('unknown') ? 'orange' : 'blue'),
        content: (
          <div className="trail">
            <strong>{t(`event.${entry.event}`, { defaultValue: entry.event })}</strong>
            <Instant at={entry.at} />
            {entry.detail && <div className="muted mono small wrap">{entry.detail}</div>}
          </div>
        ),
      }))}
    />
  )
}

// The bank sends whole journals or only their ids; missing ones are requested.
function Journals({ payment }: { payment: PaymentDetail }) {
  const { t } = useTranslation()
  const staff = useStaff()
  const whole = (payment.journals ?? []).filter((j): j is Journal => typeof j === 'object' && Array.isArray(j.postings))
  const rest = (payment.journalIds ?? []).filter((id) => !whole.some((j) => j.journalId === id))
  return (
    <Section title={t('payment.journals')} id="payment-journals">
      {whole.length + rest.length === 0 && <Nothing text={t('payment.noJournals')} />}
      {whole.map((journal) => (
        <div key={journal.journalId} className="journal">
          <JournalBody journal={journal} />
        </div>
      ))}
      {mayOpen(staff, 'ledger')
        ? rest.map((id) => <OneJournal key={id} id={id} />)
        : rest.map((id) => (
            <Mono key={id} copy>
              {id}
            </Mono>
          ))}
    </Section>
  )
}

function OneJournal({ id }: { id: string }) {
  const answer = useAnswer('GET /v1/staff/journals/{id}', { params: { id } })
  if (answer.error) return <ProblemBox error={answer.error} inline retry={() => void answer.refetch()} />
  if (!answer.data) return <Loading rows={3} />
  return (
    <div className="journal">
      <JournalBody journal={answer.data} />
    </div>
  )
}
