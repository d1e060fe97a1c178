// One identity case. Only the holder of the claim sees the pictures, and the claim expires by itself; a
// decision needs a reason, and some decisions need a second person.

import { Alert, App, Button, Form, Input, Radio, Select, Space } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'react-router'
import { useFormKey } from '../../../shared/idempotency.ts'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { client, refresh, useAnswer, type Routes } from '../api/client'
import type { Case, CaseCheck, CaseFile, Said } from '../api/types'
import { useStaff } from '../layout/shell'
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
} from '../parts/bits'
import { clockOf, useSecondsUntil } from '../parts/countdown'
import { Pictures } from '../parts/pictures'
import { may } from '../permissions'
import { Reasons } from './cases'

const decided = (one: Case) => one.state === 'approved' || one.state === 'refused'

export default function CaseView() {
  const { t } = useTranslation()
  const { id = '' } = useParams()
  const staff = useStaff()
  const answer = useAnswer('GET /v1/staff/cases/{id}', { params: { id } })
  const one = answer.data?.case
  const seconds = useSecondsUntil(one?.claimUntil)
  if (answer.error) return <ProblemBox error={answer.error} retry={() => void answer.refetch()} />
  if (!answer.data || !one) return <Loading rows={14} />
  const holds = one.claimedBy === staff.login && seconds > 0
  return (
    <div data-testid="case">
      <PageHead
        title={
          <>
            {one.name ?? t('customer.unnamed')} <StateTag group="caseState" state={one.state} />
          </>
        }
        note={<Link to={`/customers/${one.customerId}`}>{t('case.toCustomer')}</Link>}
      >
        {may(staff, 'decideCases') && !decided(one) && <Claim one={one} holds={holds} seconds={seconds} />}
      </PageHead>
      {one.state === 'second' && (
        <Alert
          type="warning"
          showIcon
          title={t('case.secondPerson')}
          style={{ marginBottom: 16 }}
          data-testid="second-person"
        />
      )}
      <About one={one} />
      {holds ? (
        <Section title={t('case.pictures')} id="pictures">
          <Pictures pictures={answer.data.pictures} />
        </Section>
      ) : (
        !decided(one) && (
          <Alert type="info" showIcon title={t('case.claimFirst')} style={{ marginBottom: 16 }} data-testid="claim-first" />
        )
      )}
      <div className="board">
        <Section title={t('case.fields')} id="fields">
          <Fields read={answer.data.read} confirmed={answer.data.confirmed} />
        </Section>
        <Section title={t('case.scores')} id="scores">
          <Scores checks={answer.data.checks} />
        </Section>
      </div>
      <History file={answer.data} />
      <Decisions file={answer.data} />
      {holds && <Decide one={one} file={answer.data} />}
    </div>
  )
}

const again = () => refresh('GET /v1/staff/cases/{id}', 'GET /v1/staff/cases', 'GET /v1/staff/work')

function Claim({ one, holds, seconds }: { one: Case; holds: boolean; seconds: number }) {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const [busy, setBusy] = useState(false)
  const run = async (take: boolean) => {
    setBusy(true)
    try {
      if (take) await client.call('POST /v1/staff/cases/{id}/claims', { params: { id: one.caseId } })
      else await client.call('DELETE /v1/staff/cases/{id}/claims/current', { params: { id: one.caseId } })
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
      <Button type={holds ? undefined : 'primary'} loading={busy} onClick={() => void run(true)} data-testid="case-claim">
        {t(holds ? 'case.renew' : 'case.claim')}
      </Button>
      {holds && (
        <Button disabled={busy} onClick={() => void run(false)} data-testid="case-release">
          {t('case.release')}
        </Button>
      )}
    </Space>
  )
}

function About({ one }: { one: Case }) {
  const { t } = useTranslation()
  return (
    <Section title={t('case.about')}>
      <Facts
        items={[
          [t('case.reasons'), <Reasons key="r" reasons={one.reasons} />],
          [t('case.path'), t(`casePath.${one.path}`, { defaultValue: one.path })],
          !!one.appointmentAt && [
            t('case.appointmentAt'),
            <span key="a" data-testid="appointment">
              <Instant at={one.appointmentAt} />
            </span>,
          ],
          [t('case.openedAt'), <Instant key="o" at={one.openedAt} />],
          [
            t('case.dueAt'),
            <span key="d" className={one.isOverdue ? 'bad' : undefined}>
              <Instant at={one.dueAt} /> {one.isOverdue && t('case.overdue')}
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
    </Section>
  )
}

const fieldNames = [
  'name',
  'sex',
  'nation',
  'birthDate',
  'address',
  'idNumber',
  'issuer',
  'validFrom',
  'validUntil',
  'isLongTerm',
] as const

// The card reading beside the values that the customer confirmed.
function Fields({ read, confirmed }: { read: Said; confirmed: Said }) {
  const { t } = useTranslation()
  const shown = (value: unknown) => (value === undefined || value === null ? '—' : String(value))
  const rows = fieldNames.filter((name) => name in read || name in confirmed)
  if (rows.length === 0) return <Nothing text={t('case.noFields')} />
  return (
    <div className="ledger-scroll" tabIndex={0} role="group" aria-label={t('case.fields')}>
      <table className="ledger difference">
        <thead>
          <tr>
            <th scope="col">{t('case.field')}</th>
            <th scope="col">{t('case.read')}</th>
            <th scope="col">{t('case.confirmed')}</th>
            <th scope="col">{t('case.same')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((name) => {
            const differs = name in read && name in confirmed && shown(read[name]) !== shown(confirmed[name])
            return (
              <tr key={name} className={differs ? 'differs' : undefined} data-changed={differs}>
                <th scope="row">{t(`idField.${name}`)}</th>
                <td className="wrap">{shown(read[name])}</td>
                <td className="wrap">{shown(confirmed[name])}</td>
                <td>{t(differs ? 'case.differs' : 'case.agrees')}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

const percent = (ppm: number) => `${(Math.max(0, Math.min(1_000_000, ppm)) / 10_000).toFixed(1)}%`

// A bar for each score, with a mark at its threshold.
function Scores({ checks }: { checks: CaseCheck[] }) {
  const { t } = useTranslation()
  if (checks.length === 0) return <Nothing text={t('customer.noChecks')} />
  return (
    <ul className="scores">
      {checks.map((c, index) => {
        const name = t(`checkName.${c.check}`, { defaultValue: c.check })
        return (
          <li key={`${c.check}-${index}`}>
            <span>
              {name} <StateTag group="checkResult" state={c.result} />
            </span>
            {c.score !== undefined && (
              <span
                className="score"
                role="img"
                aria-label={t('case.scoreOf', {
                  name,
                  score: percent(c.score),
                  threshold: c.threshold === undefined ? '—' : percent(c.threshold),
                })}
              >
                <span className="score-fill" style={{ width: percent(c.score) }} />
                {c.threshold !== undefined && <span className="score-mark" style={{ left: percent(c.threshold) }} />}
              </span>
            )}
            <span className="muted small digits">
              {c.score !== undefined && percent(c.score)}
              {c.threshold !== undefined && ` / ${percent(c.threshold)}`} <Mono>{c.version}</Mono> <Instant at={c.at} />
            </span>
          </li>
        )
      })}
    </ul>
  )
}

function History({ file }: { file: CaseFile }) {
  const { t } = useTranslation()
  const { devices, attempts, phoneChangedAt } = file.history
  return (
    <div className="board">
      <Section title={t('case.devices')} id="devices">
        <Facts items={[[t('case.phoneChangedAt'), <Instant key="p" at={phoneChangedAt} />]]} />
        {devices.length === 0 ? (
          <Nothing text={t('case.noDevices')} />
        ) : (
          <ul className="history">
            {devices.map((device, index) => (
              <li key={index}>
                <strong>{device.name}</strong>{' '}
                <span className={device.persons > 1 ? 'bad' : 'muted'}>
                  {t('case.persons', { count: device.persons })}
                </span>
                <div className="muted small">
                  <Instant at={device.firstSeenAt} /> – <Instant at={device.lastSeenAt} />
                </div>
              </li>
            ))}
          </ul>
        )}
        {file.sameFace.length > 0 && (
          <Alert
            type="error"
            showIcon
            title={t('case.sameFace')}
            description={
              <ul>
                {file.sameFace.map((other) => (
                  <li key={other.customerId}>
                    <Link to={`/customers/${other.customerId}`} className="mono">
                      {other.customerId}
                    </Link>{' '}
                    {percent(other.score)}
                  </li>
                ))}
              </ul>
            }
            data-testid="same-face"
          />
        )}
      </Section>
      <Section title={t('case.attempts')} id="attempts">
        {attempts.length === 0 ? (
          <Nothing text={t('case.noAttempts')} />
        ) : (
          <ul className="history">
            {attempts.map((attempt, index) => (
              <li key={index}>
                <Instant at={attempt.at} /> {t(`attempt.${attempt.kind}`, { defaultValue: attempt.kind })}{' '}
                <StateTag group="checkResult" state={attempt.result} />
              </li>
            ))}
          </ul>
        )}
      </Section>
    </div>
  )
}

function Decisions({ file }: { file: CaseFile }) {
  const { t } = useTranslation()
  if (file.decisions.length === 0) return null
  return (
    <Section title={t('case.decisions')} id="decisions">
      <ul className="history">
        {file.decisions.map((one, index) => (
          <li key={index}>
            <Mono>{one.by}</Mono> <Instant at={one.at} /> <strong>{t(`decision.${one.decision}`)}</strong>{' '}
            {t(`caseDecision.${one.reason}`, { defaultValue: one.reason })}
            <p className="quote">{one.note}</p>
          </li>
        ))}
      </ul>
    </Section>
  )
}

const approvals = ['samePerson', 'documentGenuine', 'placeExplained', 'other'] as const
const refusals = ['differentPerson', 'documentNotGenuine', 'notReached', 'other'] as const
const NOTE_MIN = 10

type Reason = Routes['POST /v1/staff/cases/{id}/decisions']['body']['reason']

function Decide({ one, file }: { one: Case; file: CaseFile }) {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const staff = useStaff()
  const key = useFormKey()
  const [decision, setDecision] = useState<'approve' | 'refuse'>('approve')
  const [reason, setReason] = useState<Reason>()
  const [note, setNote] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const wasFirst = one.state === 'second' && file.decisions.some((d) => d.by === staff.login)
  const send = async () => {
    if (!reason) return
    const body = { decision, reason, note: note.trim() }
    setBusy(true)
    setProblem(null)
    try {
      await client.call('POST /v1/staff/cases/{id}/decisions', {
        params: { id: one.caseId },
        body,
        key: key.keyFor(body),
      })
      void message.success(t(`decided.${decision}`))
      await again()
    } catch (error) {
      const found = problemOf(error)
      key.refused(found)
      setProblem(found)
    } finally {
      setBusy(false)
    }
  }
  if (wasFirst) return <Alert type="info" showIcon title={t('case.wasFirst')} data-testid="was-first" />
  return (
    <Section title={t('case.decide')} id="decide">
      <Form layout="vertical" component="div">
        <Form.Item>
          <Radio.Group
            value={decision}
            aria-label={t('case.decide')}
            onChange={(e) => {
              setDecision(e.target.value as 'approve' | 'refuse')
              setReason(undefined)
            }}
          >
            <Radio value="approve" data-testid="case-approve">
              {t('decision.approve')}
            </Radio>
            <Radio value="refuse" data-testid="case-refuse">
              {t('decision.refuse')}
            </Radio>
          </Radio.Group>
        </Form.Item>
        <Form.Item label={t('case.reason')} htmlFor="case-reason">
          <Select
            id="case-reason"
            value={reason}
            onChange={setReason}
            style={{ maxWidth: 360 }}
            options={(decision === 'approve' ? approvals : refusals).map((value) => ({
              value,
              label: t(`caseDecision.${value}`),
            }))}
            data-testid="case-reason"
          />
        </Form.Item>
        <Form.Item label={t('case.noteOf')} htmlFor="case-note" extra={t('case.noteHelp')}>
          <Input.TextArea
            id="case-note"
            value={note}
            rows={3}
            maxLength={500}
            onChange={(e) => setNote(e.target.value)}
            data-testid="case-note"
          />
        </Form.Item>
      </Form>
      <Button
        type="primary"
        danger={decision === 'refuse'}
        loading={busy}
        disabled={!reason || note.trim().length < NOTE_MIN}
        onClick={() => void send()}
        data-testid="case-decide"
      >
        {t(`decision.${decision}`)}
      </Button>
      {problem && <ProblemBox error={problem} inline />}
    </Section>
  )
}
