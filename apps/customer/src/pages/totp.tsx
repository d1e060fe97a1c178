import { Button } from 'antd-mobile'
import { ClockCircleOutline } from 'antd-mobile-icons'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { showInstant } from '../../../shared/format.ts'
import { groupByFour } from '../../../shared/identifiers.ts'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { bank } from '../bank.ts'
import { queries } from '../queries.ts'
import { SECURITY_QUERIES, useTotp } from '../security-queries.ts'
import { NotConfirmed, useStepUp } from '../step-up.tsx'
import {
  CodeField,
  Form,
  MainButton,
  Note,
  Page,
  ProblemNote,
  problemText,
  Section,
  Waiting,
} from '../ui/kit.tsx'
import { tag } from '../ui/money.tsx'
import { QrCode } from '../ui/qr-code.tsx'
import { say } from '../ui/say.ts'
import { AskAndAct } from './security.tsx'

export default function TotpPage() {
  const { t } = useTranslation()
  const stepUp = useStepUp()
  const totp = useTotp()
  const [secret, setSecret] = useState<{ secret: string; uri: string } | null>(null)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)

  const start = async () => {
    setBusy(true)
    setProblem(null)
    try {
      setSecret(await stepUp(() => bank.call('POST /v1/totp')))
    } catch (error) {
      if (!(error instanceof NotConfirmed)) setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Page title={t('totp.title')} back="/me/security" testId="totp">
      <p className="lead">{t('totp.lead')}</p>
      <Section>
        {totp.isPending && <Waiting />}
        {totp.error && <ProblemNote problem={totp.error} retry={() => void totp.refetch()} />}
        {totp.data?.state === 'active' && (
          <>
            <Note kind="good" testId="totp-active">
              {t('totp.active', {
                time: totp.data.since ? showInstant(totp.data.since, tag()) : '',
              })}
            </Note>
            <AskAndAct
              block
              button={t('totp.remove')}
              title={t('totp.removeTitle')}
              text={t('totp.removeText')}
              act={() => stepUp(() => bank.call('DELETE /v1/totp'))}
              done={t('totp.removed')}
              testId="remove-totp"
            />
          </>
        )}
        {totp.data && totp.data.state !== 'active' && !secret && (
          <>
            <p className="lead with-icon">
              <ClockCircleOutline aria-hidden /> {t('totp.off')}
            </p>
            {problem && <ProblemNote problem={problem} />}
            <MainButton loading={busy} onClick={() => void start()} data-testid="start-totp">
              {t('totp.start')}
            </MainButton>
          </>
        )}
        {totp.data && totp.data.state !== 'active' && secret && (
          <Confirmation {...secret} onDone={() => setSecret(null)} />
        )}
      </Section>
    </Page>
  )
}

function Confirmation(props: { secret: string; uri: string; onDone: () => void }) {
  const { t } = useTranslation()
  const stepUp = useStepUp()
  const [code, setCode] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const wrong = problem?.status === 422 ? problemText(problem, t) : undefined
  const confirm = async (full: string) => {
    if (busy || full.length < 6) return
    setBusy(true)
    setProblem(null)
    try {
      await stepUp(() => bank.call('POST /v1/totp/confirmation', { body: { code: full } }))
      say(t('totp.added'))
      props.onDone()
      for (const one of SECURITY_QUERIES) void queries.invalidateQueries({ queryKey: [one] })
    } catch (error) {
      if (!(error instanceof NotConfirmed)) setProblem(problemOf(error))
      setCode('')
    } finally {
      setBusy(false)
    }
  }
  return (
    <Form onSubmit={() => void confirm(code)}>
      <p className="lead">{t('totp.scan')}</p>
      <QrCode text={props.uri} label={t('totp.qr')} />
      <p className="lead">
        {/* The phone cannot scan its own screen: the authenticator opens the address. */}
        <a href={props.uri} data-testid="totp-uri">
          {t('totp.open')}
        </a>
      </p>
      <p className="field-hint">{t('totp.byHand')}</p>
      <p className="totp-secret" data-testid="totp-secret">
        {groupByFour(props.secret)}
      </p>
      <Button
        block
        onClick={() =>
          void navigator.clipboard?.writeText(props.secret).then(() => say(t('totp.copied')))
        }
        data-testid="copy-secret"
      >
        {t('totp.copy')}
      </Button>
      <CodeField
        label={t('totp.code')}
        value={code}
        onValue={setCode}
        onFull={(full) => void confirm(full)}
        oneTime
        disabled={busy}
        fault={wrong}
        testId="totp-code"
      />
      {problem && !wrong && <ProblemNote problem={problem} />}
      <MainButton
        type="submit"
        loading={busy}
        disabled={code.length < 6}
        data-testid="confirm-totp"
      >
        {t('totp.confirm')}
      </MainButton>
    </Form>
  )
}
