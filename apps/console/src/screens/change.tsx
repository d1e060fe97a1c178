// One change: values before and after, and the decision.

import { App, Button, Form, Input, Space } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'react-router'
import { useFormKey } from '../../../shared/idempotency.ts'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { moneyOf } from '../../../shared/money.ts'
import { client, refresh, useAnswer } from '../api/client'
import type { Change, Said } from '../api/types'
import { groupedAmount } from '../format'
import { useStaff } from '../layout/shell'
import { Facts, Instant, Loading, Mono, PageHead, Problem as ProblemBox, Section, StateTag } from '../parts/bits'
import { may } from '../permissions'

const places: Record<string, string | undefined> = {
  customerState: '/customers/',
  customerPhone: '/customers/',
  accountClass: '/accounts/',
  accountFreeze: '/accounts/',
}

export default function ChangeView() {
  const { t } = useTranslation()
  const { id = '' } = useParams()
  const answer = useAnswer('GET /v1/staff/changes/{id}', { params: { id } })
  const isParameter = answer.data?.kind === 'parameter'
  const parameters = useAnswer('GET /v1/staff/parameters', {}, { enabled: isParameter })
  if (answer.error) return <ProblemBox error={answer.error} retry={() => void answer.refetch()} />
  if (!answer.data) return <Loading rows={10} />
  const change = answer.data
  const isAmount = change.kind === 'capital' || parameters.data?.items.some((p) => p.name === change.object && p.unit === 'amount')
  const currency = change.kind === 'capital' ? change.object : 'CNY'
  // A figure in minor units, shown as money; -1 is "no limit".
  const show = (name: string, value: unknown) =>
    isAmount && name === 'value' && typeof value === 'number' && value >= 0
      ? `${groupedAmount(moneyOf(BigInt(value), currency))} ${currency}`
      : undefined
  const place = places[change.kind]
  return (
    <div data-testid="change">
      <PageHead
        title={
          <>
            {t(`changeKind.${change.kind}`, { defaultValue: change.kind })}{' '}
            <StateTag group="changeState" state={change.state} />
          </>
        }
        note={t('change.twoPeople')}
      />
      <Section title={t('change.what')}>
        <Facts
          items={[
            [
              t('change.object'),
              place ? (
                <Link key="o" to={`${place}${change.object}`} className="mono">
                  {change.object}
                </Link>
              ) : (
                <Mono key="o">{change.object}</Mono>
              ),
            ],
            [t('change.maker'), <Mono key="m">{change.maker}</Mono>],
            [t('change.createdAt'), <Instant key="c" at={change.createdAt} />],
            [t('change.expiresAt'), <Instant key="e" at={change.expiresAt} />],
            change.checker !== undefined && [t('change.checker'), <Mono key="k">{change.checker}</Mono>],
            change.decidedAt !== undefined && [t('change.decidedAt'), <Instant key="d" at={change.decidedAt} />],
          ]}
        />
        <p className="quote" data-testid="change-reason">
          {change.reason}
        </p>
        {change.decisionReason && <p className="quote">{change.decisionReason}</p>}
      </Section>
      <Section title={t('change.difference')} id="difference">
        <Difference before={change.before} after={change.after} show={show} />
      </Section>
      {change.state === 'proposed' && <Decide change={change} />}
    </div>
  )
}

// A value as text if it is a known one, else as the bank sends it.
function said(value: unknown, word: (value: string) => string): string {
  if (value === undefined) return '—'
  if (Array.isArray(value)) return value.map((one) => word(String(one))).join(', ')
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : word(String(value))
}

// One row per member of either side. Members missing from the change stay as they are.
export function Difference({
  before,
  after,
  show,
}: {
  before: Said
  after: Said
  show?: (name: string, value: unknown) => string | undefined
}) {
  const { t } = useTranslation()
  const keys = [...new Set([...Object.keys(after), ...Object.keys(before)])]
  const word = (value: string) => t(`said.${value}`, { defaultValue: t(`role.${value}`, { defaultValue: value }) })
  return (
    <div className="ledger-scroll" tabIndex={0} role="group" aria-label={t('change.difference')}>
      <table className="ledger difference">
        <thead>
          <tr>
            <th scope="col">{t('change.member')}</th>
            <th scope="col">{t('change.before')}</th>
            <th scope="col">{t('change.after')}</th>
            <th scope="col">{t('change.changes')}</th>
          </tr>
        </thead>
        <tbody>
          {keys.map((name) => {
            const shown = (value: unknown) => show?.(name, value) ?? said(value, word)
            const old = shown(before[name])
            const next = name in after ? shown(after[name]) : old
            const differs = old !== next
            return (
              <tr key={name} className={differs ? 'differs' : undefined} data-changed={differs}>
                <th scope="row">{t(`member.${name}`, { defaultValue: name })}</th>
                <td className="mono wrap">{differs ? <del>{old}</del> : old}</td>
                <td className="mono wrap">{differs ? <ins>{next}</ins> : next}</td>
                <td>{t(differs ? 'change.differs' : 'change.same')}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

type Decision = 'approve' | 'refuse' | 'withdraw'

function Decide({ change }: { change: Change }) {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const staff = useStaff()
  const key = useFormKey()
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState<Decision | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const own = change.maker === staff.login
  if (!may(staff, 'decideChanges')) return null
  const decide = async (decision: Decision) => {
    const body = { decision, reason: reason.trim() }
    setBusy(decision)
    setProblem(null)
    try {
      await client.call('POST /v1/staff/changes/{id}/decisions', {
        params: { id: change.changeId },
        body,
        key: key.keyFor(body),
      })
      void message.success(t(`decided.${decision}`))
      await refresh('GET /v1/staff/changes/{id}', 'GET /v1/staff/changes', 'GET /v1/staff/work')
    } catch (error) {
      const found = problemOf(error)
      key.refused(found)
      setProblem(found)
    } finally {
      setBusy(null)
    }
  }
  const button = (decision: Decision, type?: 'primary', danger?: boolean) => (
    <Button
      type={type}
      danger={danger}
      loading={busy === decision}
      disabled={reason.trim().length < 3 || (busy !== null && busy !== decision)}
      onClick={() => void decide(decision)}
      data-testid={`change-${decision}`}
    >
      {t(`decision.${decision}`)}
    </Button>
  )
  return (
    <Section title={t('change.decide')} id="decide">
      <p className="muted" data-testid="change-whose">
        {t(own ? 'change.own' : 'change.others')}
      </p>
      <Form layout="vertical" component="div">
        <Form.Item label={t('change.decisionReason')} htmlFor="decision-reason">
          <Input.TextArea
            id="decision-reason"
            value={reason}
            rows={2}
            maxLength={500}
            onChange={(e) => setReason(e.target.value)}
            data-testid="decision-reason"
          />
        </Form.Item>
      </Form>
      <Space>
        {own ? (
          button('withdraw')
        ) : (
          <>
            {button('approve', 'primary')}
            {button('refuse', undefined, true)}
          </>
        )}
      </Space>
      {problem && <ProblemBox error={problem} inline />}
    </Section>
  )
}
