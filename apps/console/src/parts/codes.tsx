// Fields shared by several forms for credentials.

import { Form, Input } from 'antd'
import { useTranslation } from 'react-i18next'

const digits = (count: number) => (value: string) => value.normalize('NFKC').replace(/\D/g, '').slice(0, count)

export function TotpField({ label }: { label?: string }) {
  const { t } = useTranslation()
  return (
    <Form.Item
      name="totp"
      label={label ?? t('signIn.totp')}
      extra={t('signIn.totpHelp')}
      normalize={digits(6)}
      rules={[{ pattern: /^\d{6}$/, required: true, message: t('signIn.totpNeeded') }]}
    >
      <Input
        className="totp"
        inputMode="numeric"
        autoComplete="one-time-code"
        placeholder="······"
        data-testid="credential-totp"
      />
    </Form.Item>
  )
}

export function InvitationCodeField() {
  const { t } = useTranslation()
  return (
    <Form.Item
      name="code"
      label={t('invitation.code')}
      extra={t('invitation.codeHelp')}
      normalize={digits(8)}
      rules={[{ pattern: /^\d{8}$/, required: true, message: t('invitation.codeNeeded') }]}
    >
      <Input inputMode="numeric" autoComplete="off" autoFocus data-testid="invitation-code" />
    </Form.Item>
  )
}

// A new password, typed twice.
export function NewPasswordFields({ name }: { name: string }) {
  const { t } = useTranslation()
  return (
    <>
      <Form.Item
        name={name}
        label={t('credential.newPassword')}
        extra={t('credential.passwordHelp')}
        rules={[{ required: true, min: 12, max: 128, message: t('credential.passwordNeeded') }]}
      >
        <Input.Password autoComplete="new-password" data-testid="credential-new" />
      </Form.Item>
      <Form.Item
        name="again"
        label={t('credential.again')}
        dependencies={[name]}
        rules={[
          ({ getFieldValue }) => ({
            validator: (_, value) =>
              value === getFieldValue(name) ? Promise.resolve() : Promise.reject(new Error(t('credential.differs'))),
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" data-testid="credential-again" />
      </Form.Item>
    </>
  )
}
