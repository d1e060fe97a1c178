// The user's own password and time codes. Both changes need the current ones; the bank ends the session
// after five wrong attempts.

import { App, Button, Form, Input, Modal } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../api/client'
import { useStaff } from '../layout/shell'
import { PageHead, Problem as ProblemBox, Section } from '../parts/bits'
import { NewPasswordFields, TotpField } from '../parts/codes'
import { Secret } from '../parts/secret'
import { useSending } from '../parts/sending'

export default function Credentials() {
  const { t } = useTranslation()
  return (
    <>
      <PageHead title={t('credential.title')} note={t('credential.note')} />
      <Section title={t('credential.password')}>
        <Password />
      </Section>
      <Section title={t('credential.totp')}>
        <TimeCodes />
      </Section>
    </>
  )
}

function PresentPassword() {
  const { t } = useTranslation()
  return (
    <Form.Item
      name="password"
      label={t('credential.present')}
      rules={[{ required: true, message: t('signIn.passwordNeeded') }]}
    >
      <Input.Password autoComplete="current-password" data-testid="credential-present" />
    </Form.Item>
  )
}

function Password() {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const [form] = Form.useForm<{ password: string; newPassword: string; totp: string }>()
  const { busy, problem, send } = useSending()
  const submit = ({ password, newPassword, totp }: { password: string; newPassword: string; totp: string }) =>
    send(async () => {
      await client.call('PUT /v1/staff/me/password', { body: { password, newPassword, totp } })
      form.resetFields()
      void message.success(t('credential.passwordSet'))
    })
  return (
    <Form form={form} layout="vertical" requiredMark={false} onFinish={(f) => void submit(f)} className="narrow">
      {problem && <ProblemBox error={problem} inline />}
      <PresentPassword />
      <NewPasswordFields name="newPassword" />
      <TotpField />
      <Button type="primary" htmlType="submit" loading={busy} data-testid="credential-save">
        {t('credential.setPassword')}
      </Button>
    </Form>
  )
}

function TimeCodes() {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const staff = useStaff()
  const [form] = Form.useForm<{ password: string; totp: string }>()
  const [uri, setUri] = useState('')
  const begin = useSending()
  const confirm = useSending()
  const start = (body: { password: string; totp: string }) =>
    begin.send(async () => {
      setUri((await client.call('POST /v1/staff/me/totp', { body })).totpUri)
      form.resetFields()
    })
  const finish = (body: { totp: string }) =>
    confirm.send(async () => {
      await client.call('POST /v1/staff/me/totp/confirmation', { body })
      setUri('')
      void message.success(t('credential.totpSet'))
    })
  return (
    <>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(f) => void start(f)} className="narrow">
        {begin.problem && <ProblemBox error={begin.problem} inline />}
        <PresentPassword />
        <TotpField />
        <Button htmlType="submit" loading={begin.busy} data-testid="credential-totp-begin">
          {t('credential.newTotp')}
        </Button>
      </Form>
      {uri && (
        <Modal open title={t('credential.totp')} footer={null} onCancel={() => setUri('')}>
          <p>{t('credential.scan')}</p>
          <Secret uri={uri} login={staff.login} />
          {confirm.problem && <ProblemBox error={confirm.problem} inline />}
          <Form layout="vertical" requiredMark={false} onFinish={(f) => void finish(f)}>
            <TotpField label={t('credential.firstCode')} />
            <Button type="primary" htmlType="submit" loading={confirm.busy} data-testid="credential-totp-confirm">
              {t('credential.confirm')}
            </Button>
          </Form>
        </Modal>
      )}
    </>
  )
}
