// Members of staff: list, create (the authenticator's secret is shown once), disable; roles are
// proposed, and decided by another person.

import { PlusOutlined } from '@ant-design/icons'
import { Alert, App, Button, Checkbox, Form, Input, Modal, Popconfirm, Space, Tag } from 'antd'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { fieldFaults, problemOf, type Problem } from '../../../shared/problem.ts'
import { client, refresh, useRows } from '../api/client'
import type { Role, StaffUser } from '../api/types'
import { useStaff } from '../layout/shell'
import { Facts, Instant, Mono, PageHead, Problem as ProblemBox, StateTag } from '../parts/bits'
import { ProposeRoles, RoleChoice } from '../parts/propose'
import { DataTable, type Column } from '../parts/table'
import { may } from '../permissions'

const Qr = lazy(() => import('../parts/qr'))

export default function Users() {
  const { t } = useTranslation()
  const me = useStaff()
  const [creating, setCreating] = useState(false)
  const [created, setCreated] = useState<StaffUser | null>(null)
  const [changing, setChanging] = useState<StaffUser | null>(null)
  const rows = useRows('GET /v1/staff/users')
  const columns: Column<StaffUser>[] = [
    {
      key: 'login',
      title: t('user.login'),
      fixedChoice: true,
      render: (_, u) => <strong className="mono">{u.login}</strong>,
    },
    { key: 'name', title: t('user.name'), render: (_, u) => u.name },
    {
      key: 'roles',
      title: t('user.roles'),
      render: (_, u) => (
        <Space size={4} wrap>
          {u.roles.map((r) => (
            <Tag key={r} variant="outlined">
              {t(`role.${r}`, { defaultValue: r })}
            </Tag>
          ))}
        </Space>
      ),
    },
    { key: 'state', title: t('common.state'), render: (_, u) => <StateTag group="userState" state={u.state} /> },
    { key: 'createdAt', title: t('user.createdAt'), render: (_, u) => <Instant at={u.createdAt} /> },
  ]
  if (may(me, 'changeUsers')) {
    columns.push({
      key: 'action',
      title: t('user.action'),
      fixedChoice: true,
      align: 'right',
      render: (_, u) => (
        <Space size={4}>
          <Button
            size="small"
            onClick={() => setChanging(u)}
            data-testid="user-roles"
            aria-label={`${t(u.state === 'disabled' ? 'user.changeOrEnable' : 'user.changeRoles')}: ${u.login}`}
          >
            {t(u.state === 'disabled' ? 'user.changeOrEnable' : 'user.changeRoles')}
          </Button>
          <Switchoff user={u} self={u.staffId === me.staffId} />
        </Space>
      ),
    })
  }
  return (
    <>
      <PageHead title={t('menu.users')} note={t('user.note')}>
        {may(me, 'changeUsers') && (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => setCreating(true)} data-testid="user-create">
            {t('user.create')}
          </Button>
        )}
      </PageHead>
      <DataTable id="users" label={t('menu.users')} rows={rows} columns={columns} rowKey={(u) => u.staffId} />
      {creating && (
        <Create
          onClose={() => setCreating(false)}
          onCreated={(user) => {
            setCreating(false)
            setCreated(user)
          }}
        />
      )}
      {changing && <ProposeRoles user={changing} onClose={() => setChanging(null)} />}
      {created && <Secret user={created} onClose={() => setCreated(null)} />}
    </>
  )
}

// One person may take rights away at once; giving them takes two, through a change.
function Switchoff({ user, self }: { user: StaffUser; self: boolean }) {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const set = async () => {
    try {
      await client.call('PATCH /v1/staff/users/{id}', { params: { id: user.staffId }, body: { state: 'disabled' } })
      void message.success(t('user.changed'))
      await refresh('GET /v1/staff/users')
    } catch (error) {
      void message.error(problemOf(error).detail || t('problem.network'))
    }
  }
  return (
    <Popconfirm
      title={t('user.disableSure', { login: user.login })}
      onConfirm={set}
      okText={t('user.disable')}
      okButtonProps={{ 'data-testid': 'user-state-confirm' }}
    >
      <Button size="small" danger disabled={self || user.state === 'disabled'} data-testid="user-state">
        {t('user.disable')}
      </Button>
    </Popconfirm>
  )
}

interface Fields {
  login: string
  name: string
  password: string
  roles: Role[]
}
const fields = ['login', 'name', 'password', 'roles'] as const

function Create({ onClose, onCreated }: { onClose: () => void; onCreated: (user: StaffUser) => void }) {
  const { t } = useTranslation()
  const [form] = Form.useForm<Fields>()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const submit = async (body: Fields) => {
    setBusy(true)
    setProblem(null)
    try {
      const user = await client.call('POST /v1/staff/users', {
        body: { ...body, login: body.login.trim(), name: body.name.trim() },
      })
      await refresh('GET /v1/staff/users')
      onCreated(user)
    } catch (error) {
      const found = problemOf(error)
      const faults = fieldFaults(found, fields)
      form.setFields(
        fields.filter((f) => faults.byField[f]).map((name) => ({ name, errors: [faults.byField[name] ?? ''] })),
      )
      if (Object.keys(faults.byField).length === 0) setProblem(found)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal
      open
      title={t('user.create')}
      okText={t('user.create')}
      onCancel={onClose}
      onOk={() => form.submit()}
      confirmLoading={busy}
      okButtonProps={{ 'data-testid': 'user-save' }}
    >
      {problem && <ProblemBox error={problem} inline />}
      <Form<Fields>
        form={form}
        layout="vertical"
        requiredMark={false}
        onFinish={(f) => void submit(f)}
        initialValues={{ roles: [] }}
      >
        <Form.Item
          name="login"
          label={t('user.login')}
          extra={t('user.loginHelp')}
          rules={[{ required: true, pattern: /^[a-z][a-z0-9._-]{1,31}$/, message: t('user.loginNeeded') }]}
        >
          <Input autoComplete="off" spellCheck={false} data-testid="user-login" />
        </Form.Item>
        <Form.Item
          name="name"
          label={t('user.name')}
          rules={[{ required: true, whitespace: true, message: t('user.nameNeeded') }]}
        >
          <Input autoComplete="off" data-testid="user-name" />
        </Form.Item>
        <Form.Item
          name="password"
          label={t('user.password')}
          extra={t('user.passwordHelp')}
          rules={[{ required: true, min: 12, max: 128, message: t('user.passwordNeeded') }]}
        >
          <Input.Password autoComplete="new-password" data-testid="user-password" />
        </Form.Item>
        <Form.Item
          name="roles"
          label={t('user.roles')}
          rules={[{ required: true, type: 'array', min: 1, message: t('user.rolesNeeded') }]}
        >
          <RoleChoice />
        </Form.Item>
      </Form>
    </Modal>
  )
}

function secretOf(uri: string): string {
  return /[?&]secret=([A-Z2-7]+)/i.exec(uri)?.[1] ?? ''
}

// The secret of the authenticator exists on this screen only; closing it asks whether it was kept.
function Secret({ user, onClose }: { user: StaffUser; onClose: () => void }) {
  const { t } = useTranslation()
  const [kept, setKept] = useState(false)
  const uri = user.totpUri ?? ''
  return (
    <Modal
      open
      title={t('user.secretTitle', { login: user.login })}
      closable={false}
      keyboard={false}
      mask={{ closable: false }}
      footer={
        <Button type="primary" disabled={!kept} onClick={onClose} data-testid="secret-close">
          {t('common.close')}
        </Button>
      }
    >
      <Alert type="warning" showIcon title={t('user.secretOnce')} style={{ marginBottom: 16 }} />
      <div className="secret">
        <Suspense fallback={<div className="secret-blank" />}>
          {uri && <Qr text={uri} label={t('user.qr', { login: user.login })} />}
        </Suspense>
        <Facts
          items={[
            [
              t('user.secret'),
              <span key="s" data-testid="totp-secret">
                <Mono copy>{secretOf(uri)}</Mono>
              </span>,
            ],
            [
              t('user.uri'),
              <span key="u" data-testid="totp-uri" className="mono wrap small">
                {uri}
              </span>,
            ],
          ]}
        />
      </div>
      <Checkbox checked={kept} onChange={(e) => setKept(e.target.checked)} data-testid="secret-kept">
        {t('user.kept')}
      </Checkbox>
    </Modal>
  )
}
