// Sign-in of staff: login, password and the six digits of the authenticator. The bank answers a wrong login
// and a wrong password alike; it locks after five failures, and the screen shows until when.

import { LockOutlined, UserOutlined } from '@ant-design/icons'
import { Alert, Button, Form, Input } from 'antd'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate, useSearchParams } from 'react-router'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { client, queries, rememberSignedIn, useAnswer } from '../api/client'
import { safeNext } from '../next'
import { LanguageSwitch, ThemeSwitch } from '../layout/shell'
import { Problem as ProblemBox, Words } from '../parts/bits'

interface Fields {
  login: string
  password: string
  totp: string
}

export function SignIn() {
  const { t } = useTranslation()
  const [params] = useSearchParams()
  const navigate = useNavigate()
  const [form] = Form.useForm<Fields>()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [until, setUntil] = useState(0)
  const bank = useAnswer('GET /v1/bank')

  // Cached answers of a previous user are dropped when this screen opens.
  useEffect(() => queries.removeQueries({ predicate: (query) => query.queryKey[0] !== 'GET /v1/bank' }), [])

  const submit = async (fields: Fields) => {
    setBusy(true)
    setProblem(null)
    try {
      const { staff } = await client.call('POST /v1/staff/sessions', {
        body: { login: fields.login.trim(), password: fields.password, totp: fields.totp },
      })
      queries.clear()
      rememberSignedIn(true)
      queries.setQueryData(['GET /v1/staff/me', '', {}], staff)
      void navigate(safeNext(params.get('next')), { replace: true })
    } catch (error) {
      const found = problemOf(error)
      setProblem(found)
      const wait = found.number('retryAfter')
      if (found.slug === 'sign-in-locked') setUntil(Date.now() + (wait ?? 900) * 1000)
      // A code is valid once, so it has to be typed again.
      form.setFieldValue('totp', '')
    } finally {
      setBusy(false)
    }
  }

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
            <h1>{t('signIn.title')}</h1>
            <p>
              {bank.data ? <Words of={bank.data.name} /> : t('app.name')}
              {bank.data && (
                <span className={`environment environment-${bank.data.environment}`}>
                  {t(`environment.${bank.data.environment}`, { defaultValue: bank.data.environment })}
                </span>
              )}
            </p>
          </div>
        </div>
        <Refusal
          problem={problem}
          until={until}
          onUnlocked={() => {
            setUntil(0)
            setProblem(null)
          }}
        />
        <Form<Fields> form={form} layout="vertical" requiredMark={false} onFinish={(f) => void submit(f)} size="large">
          <Form.Item
            name="login"
            label={t('signIn.login')}
            rules={[{ required: true, whitespace: true, message: t('signIn.loginNeeded') }]}
          >
            <Input
              prefix={<UserOutlined aria-hidden />}
              autoComplete="username"
              autoFocus
              spellCheck={false}
              autoCapitalize="off"
              data-testid="sign-in-login"
            />
          </Form.Item>
          <Form.Item
            name="password"
            label={t('signIn.password')}
            rules={[{ required: true, message: t('signIn.passwordNeeded') }]}
          >
            <Input.Password
              prefix={<LockOutlined aria-hidden />}
              autoComplete="current-password"
              data-testid="sign-in-password"
            />
          </Form.Item>
          <Form.Item
            name="totp"
            label={t('signIn.totp')}
            extra={t('signIn.totpHelp')}
            normalize={(value: string) => value.normalize('NFKC').replace(/\D/g, '').slice(0, 6)}
            rules={[{ pattern: /^\d{6}$/, required: true, message: t('signIn.totpNeeded') }]}
          >
            <Input
              className="totp"
              inputMode="numeric"
              autoComplete="one-time-code"
              placeholder="······"
              data-testid="sign-in-totp"
            />
          </Form.Item>
          <Button
            type="primary"
            htmlType="submit"
            block
            loading={busy}
            disabled={until > 0}
            data-testid="sign-in-submit"
          >
            {t('signIn.submit')}
          </Button>
        </Form>
        <p className="sign-in-note">{t('signIn.note')}</p>
      </div>
    </main>
  )
}

function Refusal({ problem, until, onUnlocked }: { problem: Problem | null; until: number; onUnlocked: () => void }) {
  const { t } = useTranslation()
  const [, tick] = useState(0)
  useEffect(() => {
    if (!until) return
    const timer = setInterval(() => {
      tick((n) => n + 1)
      if (Date.now() >= until) onUnlocked()
    }, 1000)
    return () => clearInterval(timer)
  }, [until, onUnlocked])
  if (!problem) return null
  if (problem.slug === 'sign-in-locked') {
    const left = Math.max(0, Math.ceil((until - Date.now()) / 1000))
    const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`
    return (
      <Alert
        type="warning"
        showIcon
        data-testid="sign-in-locked"
        title={t('signIn.locked')}
        description={t('signIn.lockedUntil', { time })}
      />
    )
  }
  if (problem.slug === 'sign-in-failed') {
    const left = problem.number('triesLeft')
    return (
      <Alert
        type="error"
        showIcon
        data-testid="sign-in-failed"
        title={problem.detail || t('signIn.failed')}
        description={left === undefined ? undefined : t('signIn.triesLeft', { count: left })}
      />
    )
  }
  return <ProblemBox error={problem} inline />
}
