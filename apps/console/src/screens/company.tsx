// All data of one company, and the review of its registration. Only the holder of the claim sees the
// licence; owners that differ from the registry's need a second person.

import {
  CheckCircleFilled,
  ClockCircleOutlined,
  CloseCircleFilled,
  QuestionCircleOutlined,
} from '@ant-design/icons'
import { Alert, App, Button, Form, Input, Radio, Space, Tag, type TableColumnType } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useNavigate, useParams } from 'react-router'
import { groupByFour } from '../../../shared/identifiers.ts'
import { useFormKey } from '../../../shared/idempotency.ts'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { client, refresh, useAnswer } from '../api/client'
import type { Account } from '../../../shared/api.ts'
import type { CompanyCase, CompanyCheck, CompanyFile, CompanyUser } from '../api/types'
import { useStaff } from '../layout/shell'
import { compareOwners, shareOf } from '../owners'
import { Amount } from '../parts/amount'
import {
  Day,
  Facts,
  Instant,
  Loading,
  Mono,
  PageHead,
  Problem as ProblemBox,
  Section,
  StateTag,
  Words,
} from '../parts/bits'
import { clockOf, useSecondsUntil } from '../parts/countdown'
import { Small } from '../parts/small'
import { may } from '../permissions'

const isDecided = (one: CompanyCase) => one.state === 'approved' || one.state === 'refused'

export default function CompanyView() {
  const { t } = useTranslation()
  const { id = '' } = useParams()
  const staff = useStaff()
  const answer = useAnswer('GET /v1/staff/companies/{id}', { params: { id } })
  const file = answer.data
  const one = file?.case
  const seconds = useSecondsUntil(one?.claimUntil)
  if (answer.error) return <ProblemBox error={answer.error} retry={() => void answer.refetch()} />
  if (!file) return <Loading rows={14} />
  const { company } = file
  const isOpen = one !== undefined && !isDecided(one)
  // The first approver must not claim the case again: that would only block the second person.
  const wasFirst = one?.state === 'second' && one.decisions.some((word) => word.by === staff.login)
  const decides = isOpen && !wasFirst && may(staff, 'decideCases')
  const holds = decides && one.claimedBy === staff.login && seconds > 0
  return (
    <div data-testid="company">
      <PageHead
        title={
          <>
            {company.name} <StateTag group="companyState" state={company.state} />
          </>
        }
        note={<Mono copy>{company.uscc}</Mono>}
      >
        {decides && <Claim id={id} one={one} holds={holds} seconds={seconds} />}
      </PageHead>
      {one?.state === 'second' && (
        <Alert
          type="warning"
          showIcon
          title={t('case.secondPerson')}
          style={{ marginBottom: 16 }}
          data-testid="second-person"
        />
      )}
      <About file={file} />
      {wasFirst && (
        <Alert
          type="info"
          showIcon
          title={t('case.wasFirst')}
          style={{ marginBottom: 16 }}
          data-testid="was-first"
        />
      )}
      {decides && !holds && (
        <Alert
          type="info"
          showIcon
          title={t('company.claimFirst')}
          style={{ marginBottom: 16 }}
          data-testid="claim-first"
        />
      )}
      <div className={holds ? 'board' : undefined}>
        <Registry file={file} />
        {holds && <Licence id={id} />}
      </div>
      <Owners file={file} />
      {one && <Review one={one} />}
      {holds && <Decide id={id} />}
      <Parts file={file} />
    </div>
  )
}

const again = () => refresh('GET /v1/staff/companies/{id}', 'GET /v1/staff/companies', 'GET /v1/staff/work')

function Claim({ id, one, holds, seconds }: { id: string; one: CompanyCase; holds: boolean; seconds: number }) {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const [busy, setBusy] = useState(false)
  const take = async () => {
    setBusy(true)
    try {
      await client.call('POST /v1/staff/companies/{id}/claims', { params: { id } })
    } catch (error) {
      void message.error(problemOf(error).detail || t('problem.network'))
    } finally {
      setBusy(false)
      await again()
    }
  }
  return (
    <Space>
      {holds && (
        <span className="digits" role="timer" aria-label={t('case.timeLeft')} data-testid="claim-left">
          {t('case.left', { clock: clockOf(seconds) })}
        </span>
      )}
      {!holds && one.claimedBy && seconds > 0 && (
        <span className="muted">{t('case.heldBy', { login: one.claimedBy })}</span>
      )}
      <Button type={holds ? undefined : 'primary'} loading={busy} onClick={() => void take()} data-testid="company-claim">
        {t(holds ? 'case.renew' : 'case.claim')}
      </Button>
    </Space>
  )
}

const stepIcons = {
  passed: <CheckCircleFilled aria-hidden />,
  todo: <ClockCircleOutlined aria-hidden />,
  unsure: <QuestionCircleOutlined aria-hidden />,
  failed: <CloseCircleFilled aria-hidden />,
}
const stepLooks = { passed: 'done', todo: 'todo', unsure: 'review', failed: 'refused' }

function About({ file }: { file: CompanyFile }) {
  const { t } = useTranslation()
  const { company, steps } = file
  return (
    <Section title={t('company.facts')} id="company-facts">
      <Facts
        items={[
          [t('company.kind'), t(`companyKind.${company.kind}`)],
          [
            t('company.id'),
            <Mono copy key="i">
              {company.companyId}
            </Mono>,
          ],
          [t('company.since'), <Instant key="s" at={company.createdAt} />],
          !!company.suspendedFor && [
            t('company.suspendedFor'),
            <span key="f" className="bad">
              {t(`companyResult.${company.suspendedFor}`, { defaultValue: company.suspendedFor })}
            </span>,
          ],
        ]}
      />
      <ol className="steps" aria-label={t('company.steps')}>
        {steps.map((s) => (
          <li key={s.step} className={`step step-${stepLooks[s.state]}`} data-state={s.state}>
            {stepIcons[s.state]} {t(`companyStep.${s.step}`, { defaultValue: s.step })}
            <span className="muted">{t(`companyStepState.${s.state}`)}</span>
          </li>
        ))}
      </ol>
    </Section>
  )
}

function Registry({ file }: { file: CompanyFile }) {
  const { t } = useTranslation()
  const { registry } = file
  return (
    <Section title={t('company.registry')} id="company-registry">
      <Facts
        items={[
          [
            t('company.representative'),
            <span key="r">
              {registry.representative.name} <Mono>{registry.representative.maskedIdNumber}</Mono>
            </span>,
          ],
          [t('company.registeredAt'), <Day key="d" date={registry.registeredAt} />],
          [t('company.checkedAt'), <Instant key="c" at={registry.checkedAt} />],
          [t('company.scope'), registry.scope],
        ]}
      />
    </Section>
  )
}

// The bank sends the picture only under a claim, with no-store, and logs each view.
function Licence({ id }: { id: string }) {
  const { t } = useTranslation()
  const [failed, setFailed] = useState(false)
  return (
    <Section title={t('company.licence')} id="company-licence">
      <figure className="picture">
        <div className="picture-box">
          {failed ? (
            <span className="muted">{t('company.licenceFailed')}</span>
          ) : (
            <img
              src={`/v1/staff/companies/${id}/licence`}
              alt={t('company.licenceAlt')}
              onError={() => setFailed(true)}
              data-testid="company-licence-picture"
            />
          )}
        </div>
      </figure>
    </Section>
  )
}

function Owners({ file }: { file: CompanyFile }) {
  const { t } = useTranslation()
  const rows = compareOwners(file.owners, file.registry.owners)
  return (
    <Section title={t('company.owners')} id="company-owners">
      {file.owners.length === 0 && <p className="muted">{t('company.noOwners')}</p>}
      <div className="ledger-scroll" tabIndex={0} role="group" aria-label={t('company.owners')}>
        <table className="ledger difference">
          <thead>
            <tr>
              <th scope="col">{t('company.owner')}</th>
              <th scope="col">{t('company.idNumber')}</th>
              <th scope="col">{t('company.declared')}</th>
              <th scope="col">{t('company.registered')}</th>
              <th scope="col">{t('company.comparison')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => {
              const differs = row.word !== 'agrees' && row.word !== 'small'
              return (
                <tr
                  key={`${row.name} ${row.maskedIdNumber}`}
                  className={differs ? 'differs' : undefined}
                  data-changed={differs}
                >
                  <th scope="row">{row.name}</th>
                  <td>
                    <Mono>{row.maskedIdNumber}</Mono>
                  </td>
                  <td className="digits">{shareOf(row.declared)}</td>
                  <td className="digits">{shareOf(row.registered)}</td>
                  <td>{t(`ownerWord.${row.word}`)}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </Section>
  )
}

function Review({ one }: { one: CompanyCase }) {
  const { t } = useTranslation()
  const late = !isDecided(one) && Date.parse(one.dueAt) < Date.now()
  return (
    <Section
      title={
        <>
          {t('company.case')} <StateTag group="caseState" state={one.state} />
        </>
      }
      id="company-case"
    >
      <Facts
        items={[
          [
            t('case.reasons'),
            <Space key="r" size={4} wrap>
              {one.reasons.map((reason) => (
                <Tag key={reason} variant="outlined">
                  {t(`companyReason.${reason}`, { defaultValue: reason })}
                </Tag>
              ))}
            </Space>,
          ],
          [t('case.openedAt'), <Instant key="o" at={one.openedAt} />],
          [
            t('case.dueAt'),
            <span key="d" className={late ? 'bad' : undefined} data-overdue={late}>
              <Instant at={one.dueAt} /> {late && t('case.overdue')}
            </span>,
          ],
          [t('case.needsSecond'), t(one.needsSecond ? 'case.yes' : 'case.no')],
          [
            t('case.id'),
            <Mono key="i" copy>
              {one.caseId}
            </Mono>,
          ],
        ]}
      />
      {one.decisions.length > 0 && (
        <ul className="history" aria-label={t('case.decisions')} data-testid="decisions">
          {one.decisions.map((word, index) => (
            <li key={index}>
              <Mono>{word.by}</Mono> <Instant at={word.at} />{' '}
              <strong>{t(`decision.${word.isApproval ? 'approve' : 'refuse'}`)}</strong>
              <p className="quote">{word.note}</p>
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}

const NOTE_MIN = 10

function Decide({ id }: { id: string }) {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const key = useFormKey()
  const [decision, setDecision] = useState<'approve' | 'refuse'>('approve')
  const [note, setNote] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const send = async () => {
    const body = { decision, note: note.trim() }
    setBusy(true)
    setProblem(null)
    try {
      const now = await client.call('POST /v1/staff/companies/{id}/decisions', {
        params: { id },
        body,
        key: key.keyFor(body),
      })
      void message.success(now.case?.state === 'second' ? t('company.first') : t(`decided.${decision}`))
      await again()
    } catch (error) {
      const found = problemOf(error)
      key.refused(found)
      setProblem(found)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Section title={t('case.decide')} id="decide">
      <Form layout="vertical" component="div">
        <Form.Item>
          <Radio.Group
            value={decision}
            aria-label={t('case.decide')}
            onChange={(e) => setDecision(e.target.value as 'approve' | 'refuse')}
          >
            <Radio value="approve" data-testid="company-approve">
              {t('decision.approve')}
            </Radio>
            <Radio value="refuse" data-testid="company-refuse">
              {t('decision.refuse')}
            </Radio>
          </Radio.Group>
        </Form.Item>
        <Form.Item label={t('company.note')} htmlFor="company-note" extra={t('company.noteHelp')}>
          <Input.TextArea
            id="company-note"
            value={note}
            rows={3}
            maxLength={500}
            onChange={(e) => setNote(e.target.value)}
            data-testid="company-note"
          />
        </Form.Item>
      </Form>
      <Button
        type="primary"
        danger={decision === 'refuse'}
        loading={busy}
        disabled={note.trim().length < NOTE_MIN}
        onClick={() => void send()}
        data-testid="company-decide"
      >
        {t(`decision.${decision}`)}
      </Button>
      {problem && <ProblemBox error={problem} inline />}
    </Section>
  )
}

function Parts({ file }: { file: CompanyFile }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const balance = (a: Account, type: string) => (
    <Amount value={a.balances.find((b) => b.balanceType === type)?.balanceAmount} />
  )
  const users: TableColumnType<CompanyUser>[] = [
    { title: t('customer.name'), render: (_, u) => <Link to={`/customers/${u.customerId}`}>{u.name}</Link> },
    {
      title: t('company.roles'),
      render: (_, u) =>
        u.roles.map((role) => t(`companyRole.${role}`, { defaultValue: role })).join(t('common.comma')),
    },
    { title: t('company.limit'), align: 'right', render: (_, u) => <Amount value={u.limit} /> },
    { title: t('company.addedAt'), render: (_, u) => <Instant at={u.addedAt} /> },
  ]
  const accounts: TableColumnType<Account>[] = [
    {
      title: t('account.number'),
      render: (_, a) => (
        <Link to={`/accounts/${a.accountId}`} className="mono" data-testid="account-link">
          {groupByFour(a.accountNumber)}
        </Link>
      ),
    },
    { title: t('account.product'), render: (_, a) => <Words of={a.product.name} /> },
    { title: t('common.state'), render: (_, a) => <StateTag group="accountState" state={a.state} /> },
    { title: t('account.booked'), align: 'right', render: (_, a) => balance(a, 'interimBooked') },
    { title: t('account.available'), align: 'right', render: (_, a) => balance(a, 'interimAvailable') },
  ]
  const checks: TableColumnType<CompanyCheck>[] = [
    { title: t('company.result'), render: (_, c) => t(`companyResult.${c.result}`, { defaultValue: c.result }) },
    { title: t('company.version'), render: (_, c) => <Mono>{c.version}</Mono> },
    { title: t('common.at'), render: (_, c) => <Instant at={c.at} /> },
  ]
  return (
    <>
      <Small
        label={t('company.users')}
        items={file.users}
        columns={users}
        rowKey={(u) => u.customerId}
        empty={t('company.noUsers')}
        onOpen={(u) => void navigate(`/customers/${u.customerId}`)}
        testId="company-users"
      />
      <Small
        label={t('customer.accounts')}
        items={file.accounts}
        columns={accounts}
        rowKey={(a) => a.accountId}
        empty={t('company.noAccounts')}
        onOpen={(a) => void navigate(`/accounts/${a.accountId}`)}
        testId="company-accounts"
      />
      <Small
        label={t('company.checks')}
        items={file.checks}
        columns={checks}
        rowKey={(c) => `${c.at} ${c.result}`}
        empty={t('company.noChecks')}
        testId="company-checks"
      />
    </>
  )
}
