// Staff users: list, create, invite (one admin receives the link, another the code), disable. Roles and the
// reset of credentials are proposed, and another person decides.

import { PlusOutlined } from '@ant-design/icons'
import { Alert, App, Button, Checkbox, Form, Input, Modal, Popconfirm, Space, Tag } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { fieldFaults, problemOf, type Problem } from '../../../shared/problem.ts'
import { client, refresh, useRows } from '../api/client'
import type { InvitationHalf, Role, StaffUser } from '../api/types'
import { useStaff } from '../layout/shell'
import { Facts, Instant, Mono, PageHead, Problem as ProblemBox, StateTag } from '../parts/bits'
import { ProposeReset, ProposeRoles, RoleChoice } from '../parts/propose'
import { DataTable, type Column } from '../parts/table'
import { may } from '../permissions'

export default function Users() {
  const { t } = useTranslation()
  const me = useStaff()
  const [creating, setCreating] = useState(false)
  const [invited, setInvited] = useState<{ user: StaffUser; half: InvitationHalf } | null>(null)
  const [resetting, setResetting] = useState<StaffUser | null>(null)
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
    {
      key: 'state',
      title: t('common.state'),
      render: (_, u) => (
        <Space size={4}>
          <StateTag group="userState" state={u.state} />
          {!u.isEnrolled && <Tag data-testid="user-not-enrolled">{t('invitation.waits')}</Tag>}
        </Space>
      ),
    },
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
          {u.isEnrolled ? (
            <Button
              size="small"
              disabled={u.staffId === me.staffId}
              onClick={() => setResetting(u)}
              data-testid="user-reset"
              aria-label={`${t('invitation.reset')}: ${u.login}`}
            >
              {t('invitation.reset')}
            </Button>
          ) : (
            <Invite user={u} onInvited={(half) => setInvited({ user: u, half })} />
          )}
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
          onCreated={(user, half) => {
            setCreating(false)
            setInvited({ user, half })
          }}
        />
      )}
      {changing && <ProposeRoles user={changing} onClose={() => setChanging(null)} />}
      {resetting && <ProposeReset user={resetting} onClose={() => setResetting(null)} />}
      {invited && <InvitationDialog {...invited} onClose={() => setInvited(null)} />}
    </>
  )
}

// One person may remove roles at once; granting them needs a change with two people.
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

// The caller's part of the invitation; requesting the link again invalidates the code.
function Invite({ user, onInvited }: { user: StaffUser; onInvited: (half: InvitationHalf) => void }) {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const ask = async () => {
    try {
      onInvited(await client.call('POST /v1/staff/users/{id}/invitations', { params: { id: user.staffId } }))
    } catch (error) {
      void message.error(problemOf(error).detail || t('problem.network'))
    }
  }
  return (
    <Popconfirm title={t('invitation.sure')} onConfirm={ask} okButtonProps={{ 'data-testid': 'user-invite-confirm' }}>
      <Button size="small" data-testid="user-invite" aria-label={`${t('invitation.invite')}: ${user.login}`}>
        {t('invitation.invite')}
      </Button>
    </Popconfirm>
  )
}

interface Fields {
  login: string
  name: string
  roles: Role[]
}
const fields = ['login', 'name', 'roles'] as const

function Create({ onClose, onCreated }: { onClose: () => void; onCreated: (user: StaffUser, half: InvitationHalf) => void }) {
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
      onCreated(user, user.invitation)
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

// This admin's part of the invitation; shown once.
function InvitationDialog({ user, half, onClose }: { user: StaffUser; half: InvitationHalf; onClose: () => void }) {
  const { t } = useTranslation()
  const [kept, setKept] = useState(false)
  return (
    <Modal
      open
      title={t('invitation.of', { login: user.login })}
      closable={false}
      keyboard={false}
      mask={{ closable: false }}
      footer={
        <Button type="primary" disabled={!kept} onClick={onClose} data-testid="invitation-close">
          {t('common.close')}
        </Button>
      }
    >
      <Alert
        type="warning"
        showIcon
        title={t(half.link && half.code ? 'invitation.both' : half.link ? 'invitation.linkOnly' : 'invitation.codeOnly')}
        style={{ marginBottom: 16 }}
      />
      <Facts
        items={[
          half.link !== undefined && [
            t('invitation.link'),
            <span key="l" data-testid="invitation-link">
              <Mono copy>{`${window.location.origin}/console/invitation#${half.link}`}</Mono>
            </span>,
          ],
          half.code !== undefined && [
            t('invitation.code'),
            <span key="c" data-testid="invitation-code-shown">
              <Mono copy>{half.code}</Mono>
            </span>,
          ],
          [t('invitation.expiresAt'), <Instant key="e" at={half.expiresAt} />],
        ]}
      />
      <Checkbox checked={kept} onChange={(e) => setKept(e.target.checked)} data-testid="invitation-kept">
        {t('invitation.kept')}
      </Checkbox>
    </Modal>
  )
}
