// Form of a proposal: new values and a reason. Another person decides; see screens/change.

import { Alert, App, Checkbox, DatePicker, Form, Input, Modal, Select } from 'antd'
import dayjs from 'dayjs'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { useFormKey } from '../../../shared/idempotency.ts'
import { editAmount, formatMinor, minorOf, moneyOf, parseMinor, type Money } from '../../../shared/money.ts'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { client, refresh } from '../api/client'
import type { ChangeKind, Parameter, Role, Said } from '../api/types'
import { groupedAmount, instantOf } from '../format'
import { roles } from '../permissions'
import { Problem as ProblemBox } from './bits'

interface Props {
  kind: ChangeKind
  object: string
  title: string
  // The proposed values; null while the form is incomplete.
  after: Said | null
  children?: ReactNode
  onClose: () => void
}

const REASON_MIN = 10

export function Propose({ kind, object, title, after, children, onClose }: Props) {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const navigate = useNavigate()
  const key = useFormKey()
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const send = async () => {
    if (!after) return
    const body = { kind, object, after, reason: reason.trim() }
    setBusy(true)
    setProblem(null)
    try {
      const change = await client.call('POST /v1/staff/changes', { body, key: key.keyFor(body) })
      await refresh('GET /v1/staff/changes', 'GET /v1/staff/work')
      void message.success(t('change.proposed'))
      onClose()
      void navigate(`/changes/${change.changeId}`)
    } catch (error) {
      const found = problemOf(error)
      key.refused(found)
      setProblem(found)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal
      open
      title={title}
      okText={t('change.propose')}
      onOk={() => void send()}
      onCancel={onClose}
      confirmLoading={busy}
      okButtonProps={{ disabled: !after || reason.trim().length < REASON_MIN, 'data-testid': 'propose-send' }}
    >
      <Alert type="info" showIcon title={t('change.twoPeople')} style={{ marginBottom: 16 }} />
      <Form layout="vertical" component="div">
        {children}
        <Form.Item label={t('change.reason')} htmlFor="propose-reason" extra={t('change.reasonHelp')}>
          <Input.TextArea
            id="propose-reason"
            value={reason}
            maxLength={500}
            rows={3}
            onChange={(e) => setReason(e.target.value)}
            data-testid="propose-reason"
          />
        </Form.Item>
      </Form>
      {problem && <ProblemBox error={problem} inline />}
      {problem?.errors?.map((fault) => (
        <p key={fault.pointer} className="bad small">
          {fault.detail}
        </p>
      ))}
    </Modal>
  )
}

export function ProposeCustomerState({ id, active, onClose }: { id: string; active: boolean; onClose: () => void }) {
  const { t } = useTranslation()
  const state = active ? 'suspended' : 'active'
  return (
    <Propose
      kind="customerState"
      object={id}
      title={t(active ? 'change.suspend' : 'change.resume')}
      after={{ state }}
      onClose={onClose}
    />
  )
}

const freezeReasons = ['court', 'police', 'risk', 'owner'] as const

export function ProposeFreeze({ id, frozen, onClose }: { id: string; frozen: boolean; onClose: () => void }) {
  const { t } = useTranslation()
  const [reason, setReason] = useState<(typeof freezeReasons)[number]>('risk')
  const [ground, setGround] = useState('')
  const [until, setUntil] = useState('')
  if (frozen) {
    return (
      <Propose
        kind="accountFreeze"
        object={id}
        title={t('change.unfreeze')}
        after={{ frozen: false }}
        onClose={onClose}
      />
    )
  }
  const needsGround = reason === 'court' || reason === 'police'
  const after: Said = { frozen: true, reason }
  if (ground.trim()) after.legalGround = ground.trim()
  if (until) after.endsAt = instantOf(until, '23:59:59')
  return (
    <Propose
      kind="accountFreeze"
      object={id}
      title={t('change.freeze')}
      after={needsGround && !ground.trim() ? null : after}
      onClose={onClose}
    >
      <Form.Item label={t('change.freezeReason')} htmlFor="freeze-reason">
        <Select
          id="freeze-reason"
          value={reason}
          onChange={setReason}
          options={freezeReasons.map((value) => ({ value, label: t(`freezeReason.${value}`) }))}
          data-testid="freeze-reason"
        />
      </Form.Item>
      <Form.Item label={t('change.legalGround')} htmlFor="freeze-ground" required={needsGround}>
        <Input
          id="freeze-ground"
          value={ground}
          maxLength={80}
          onChange={(e) => setGround(e.target.value)}
          data-testid="freeze-ground"
        />
      </Form.Item>
      <Form.Item label={t('change.endsAt')} htmlFor="freeze-until">
        <DatePicker
          id="freeze-until"
          format="YYYY-MM-DD"
          disabledDate={(day) => day.isBefore(dayjs(), 'day')}
          onChange={(day) => setUntil(day ? day.format('YYYY-MM-DD') : '')}
          data-testid="freeze-until"
        />
      </Form.Item>
    </Propose>
  )
}

const classes = ['I', 'II', 'III'] as const

export function ProposeClass({ id, now, onClose }: { id: string; now: string; onClose: () => void }) {
  const { t } = useTranslation()
  const others = classes.filter((c) => c !== now)
  const [chosen, setChosen] = useState<string>(others[0] ?? 'I')
  return (
    <Propose kind="accountClass" object={id} title={t('change.class')} after={{ class: chosen }} onClose={onClose}>
      <Form.Item label={t('change.newClass')} htmlFor="new-class">
        <Select
          id="new-class"
          value={chosen}
          onChange={setChosen}
          options={others.map((value) => ({ value, label: value }))}
          data-testid="new-class"
        />
      </Form.Item>
    </Propose>
  )
}

export function RoleChoice({ value, onChange }: { value?: Role[]; onChange?: (roles: Role[]) => void }) {
  const { t } = useTranslation()
  return (
    <Checkbox.Group value={value} onChange={(next) => onChange?.(next as Role[])} className="role-choice">
      {roles.map((role) => (
        <Checkbox key={role} value={role} data-testid={`role-${role}`}>
          {t(`role.${role}`)}
          <span className="muted small"> {t(`roleNote.${role}`)}</span>
        </Checkbox>
      ))}
    </Checkbox.Group>
  )
}

interface User {
  staffId: string
  login: string
  roles: Role[]
  state: string
}

// Roles of a user; for a disabled user also the permission to sign in.
export function ProposeRoles({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useTranslation()
  const [chosen, setChosen] = useState<Role[]>(user.roles)
  const [enable, setEnable] = useState(user.state === 'disabled')
  const after: Said = {}
  if ([...chosen].sort().join() !== [...user.roles].sort().join()) after.roles = chosen
  if (user.state === 'disabled' && enable) after.state = 'active'
  const says = chosen.length > 0 && Object.keys(after).length > 0
  return (
    <Propose
      kind="staffRoles"
      object={user.staffId}
      title={t('user.changeRolesOf', { login: user.login })}
      after={says ? after : null}
      onClose={onClose}
    >
      <Form.Item label={t('user.roles')}>
        <RoleChoice value={chosen} onChange={setChosen} />
      </Form.Item>
      {user.state === 'disabled' && (
        <Checkbox checked={enable} onChange={(e) => setEnable(e.target.checked)} data-testid="user-enable">
          {t('change.enableUser')}
        </Checkbox>
      )}
    </Propose>
  )
}

// Revokes the lost credentials of a user; an invitation follows.
export function ProposeReset({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useTranslation()
  return (
    <Propose
      kind="staffReset"
      object={user.staffId}
      title={t('invitation.resetOf', { login: user.login })}
      after={{ enrolled: false }}
      onClose={onClose}
    />
  )
}

// Closes a date before its end, if two people approve.
export function ProposeEarly({ date, onClose }: { date: string; onClose: () => void }) {
  const { t } = useTranslation()
  return (
    <Propose
      kind="closeEarly"
      object={date}
      title={t('eod.earlyOf', { date })}
      after={{ closesEarly: true }}
      onClose={onClose}
    />
  )
}

// The bank's time follows the server clock, if two people approve.
export function ProposeFollowClock({ ahead, onClose }: { ahead: string; onClose: () => void }) {
  const { t } = useTranslation()
  return (
    <Propose
      kind="followClock"
      object="bank"
      title={t('clock.follow')}
      after={{ isFollowed: true }}
      onClose={onClose}
    >
      <p style={{ marginBottom: 16 }}>{t('clock.followNote', { ahead })}</p>
    </Propose>
  )
}

// Capital paid into the reserve; the change holds the new total.
export function ProposeCapital({ capital, onClose }: { capital: Money; onClose: () => void }) {
  const { t } = useTranslation()
  const [text, setText] = useState('')
  const more = parseMinor(text)
  const all = more !== null && more > 0n ? minorOf(capital) + more : null
  return (
    <Propose
      kind="capital"
      object={capital.currency}
      title={t('capital.payIn')}
      after={all === null || all > BigInt(Number.MAX_SAFE_INTEGER) ? null : { value: Number(all) }}
      onClose={onClose}
    >
      <p style={{ marginBottom: 16 }}>{t('capital.note')}</p>
      <Form.Item
        label={`${t('capital.more')} (${capital.currency})`}
        htmlFor="capital-more"
        extra={t('capital.sum', {
          now: groupedAmount(capital),
          then: groupedAmount(moneyOf(all ?? minorOf(capital), capital.currency)),
        })}
      >
        <Input
          id="capital-more"
          value={text}
          inputMode="decimal"
          onChange={(e) => {
            const next = editAmount(e.target.value)
            if (next !== null) setText(next)
          }}
          data-testid="capital-more"
        />
      </Form.Item>
    </Propose>
  )
}

// The typed value of a parameter as the bank's integer; null while there is none.
export function valueOf(text: string, parameter: Parameter): number | null {
  const minor = parameter.unit === 'amount' ? parseMinor(text) : /^\d{1,12}$/.test(text) ? BigInt(text) : null
  if (minor === null || minor < BigInt(parameter.min) || minor > BigInt(parameter.max)) return null
  return Number(minor)
}

export function ProposeParameter({ parameter, onClose }: { parameter: Parameter; onClose: () => void }) {
  const { t } = useTranslation()
  const isSwitch = parameter.unit === 'switch'
  const shown = parameter.value < 0 ? '' : String(parameter.value)
  const [text, setText] = useState(parameter.unit === 'amount' && shown ? formatMinor(BigInt(shown)) : shown)
  const [unlimited, setUnlimited] = useState(parameter.value < 0)
  const [date, setDate] = useState(() => dayjs().add(1, 'day').format('YYYY-MM-DD'))
  const value = unlimited ? -1 : valueOf(text, parameter)
  const bound = (n: number) => (parameter.unit === 'amount' ? formatMinor(BigInt(Math.max(n, 0))) : String(Math.max(n, 0)))
  return (
    <Propose
      kind="parameter"
      object={parameter.name}
      title={t('change.parameterOf', { name: parameter.name })}
      after={value === null || !date ? null : { value, effectiveDate: date }}
      onClose={onClose}
    >
      <Form.Item
        label={`${t('parameter.value')} (${t(`unit.${parameter.unit}`)})`}
        htmlFor="parameter-value"
        extra={isSwitch ? undefined : t('parameter.range', { min: bound(parameter.min), max: bound(parameter.max) })}
      >
        {isSwitch ? (
          <Select
            id="parameter-value"
            value={text}
            onChange={setText}
            options={['0', '1'].map((v) => ({ value: v, label: t(`switch.${v}`) }))}
            data-testid="parameter-value"
          />
        ) : (
          <Input
            id="parameter-value"
            value={text}
            disabled={unlimited}
            inputMode="decimal"
            onChange={(e) => {
              const next = parameter.unit === 'amount' ? editAmount(e.target.value) : e.target.value.replace(/\D/g, '')
              if (next !== null) setText(next)
            }}
            data-testid="parameter-value"
          />
        )}
      </Form.Item>
      {parameter.min < 0 && (
        <Checkbox checked={unlimited} onChange={(e) => setUnlimited(e.target.checked)} data-testid="parameter-unlimited">
          {t('parameter.unlimited')}
        </Checkbox>
      )}
      <Form.Item label={t('parameter.effectiveDate')} htmlFor="parameter-date">
        <DatePicker
          id="parameter-date"
          value={dayjs(date)}
          allowClear={false}
          format="YYYY-MM-DD"
          disabledDate={(day) => day.isBefore(dayjs(), 'day')}
          onChange={(day) => setDate(day ? day.format('YYYY-MM-DD') : '')}
          data-testid="parameter-date"
        />
      </Form.Item>
    </Propose>
  )
}
