// The invited person chooses the password and receives the secret of the time codes here. The link's token
// follows "#", so no server receives it; another colleague gives the code.

import { Alert, Button, Form } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'react-router'
import { client } from '../api/client'
import { LanguageSwitch, ThemeSwitch } from '../layout/shell'
import { InvitationCodeField, NewPasswordFields, TotpField } from '../parts/codes'
import { Problem as ProblemBox } from '../parts/bits'
import { Secret } from '../parts/secret'
import { useSending } from '../parts/sending'

interface Begun {
  login: string
  name: string
  totpUri: string
}

export function Invitation() {
  const { t } = useTranslation()
  const { hash } = useLocation()
  const [link] = useState(() => hash.replace(/^#/, ''))
  const [code, setCode] = useState('')
  const [begun, setBegun] = useState<Begun | null>(null)
  const [done, setDone] = useState(false)
  const { busy, problem, send } = useSending()
  const begin = (fields: { code: string }) =>
    send(async () => {
      setBegun(await client.call('POST /v1/staff/enrolments', { body: { link, code: fields.code } }))
      setCode(fields.code)
    })
  const complete = ({ password, totp }: { password: string; totp: string }) =>
    send(async () => {
      await client.call('POST /v1/staff/enrolments/completion', { body: { link, code, password, totp } })
      setDone(true)
    })
  return (
    <main className="sign-in">
      <div className="sign-in-tools">
        <LanguageSwitch />
        <ThemeSwitch />
      </div>
      <div className="sign-in-card">
        <div className="sign-in-head">
          <img src="/console/mark.svg" alt="" width="44" height="44" />
          <div>
            <h1>{t('invitation.title')}</h1>
            <p>{begun ? `${begun.name} · ${begun.login}` : t('invitation.note')}</p>
          </div>
        </div>
        {problem && <ProblemBox error={problem} inline />}
        {done ? (
          <>
            <Alert type="success" showIcon title={t('invitation.done')} style={{ marginBottom: 16 }} />
            <Link to="/sign-in" data-testid="invitation-sign-in">
              {t('signIn.submit')}
            </Link>
          </>
        ) : !link ? (
          <Alert type="warning" showIcon title={t('invitation.noLink')} data-testid="invitation-no-link" />
        ) : begun ? (
          <Form layout="vertical" requiredMark={false} onFinish={(f) => void complete(f)} size="large">
            <Alert type="info" showIcon title={t('credential.scan')} style={{ marginBottom: 16 }} />
            <Secret uri={begun.totpUri} login={begun.login} />
            <NewPasswordFields name="password" />
            <TotpField />
            <Button type="primary" htmlType="submit" block loading={busy} data-testid="invitation-complete">
              {t('invitation.complete')}
            </Button>
          </Form>
        ) : (
          <Form layout="vertical" requiredMark={false} onFinish={(f) => void begin(f)} size="large">
            <InvitationCodeField />
            <Button type="primary" htmlType="submit" block loading={busy} data-testid="invitation-begin">
              {t('invitation.begin')}
            </Button>
          </Form>
        )}
      </div>
    </main>
  )
}
