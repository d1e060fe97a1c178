import { Button } from 'antd-mobile'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { showDate, showInstant } from '../../../shared/format.ts'
import { currentLanguage, inLanguage } from '../../../shared/i18n.ts'
import { useFormKey } from '../../../shared/idempotency.ts'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { bank } from '../bank.ts'
import { download } from '../download.ts'
import { leave, useAccounts, useCards, useConsentTexts } from '../queries.ts'
import type { Closure } from '../routes-account.ts'
import { NotConfirmed, useStepUp } from '../step-up.tsx'
import { CardChoice } from '../ui/card-choice.tsx'
import { ConsentList } from '../ui/consent-list.tsx'
import {
  Choice,
  MainButton,
  Note,
  Page,
  ProblemNote,
  Section,
  Sheet,
  Waiting,
} from '../ui/kit.tsx'
import { tag } from '../ui/money.tsx'

/** Consents with their history, the export of all data, retention periods, and closing. */
export default function Privacy() {
  const { t } = useTranslation()
  return (
    <Page title={t('consent.title')} back="/me" testId="consents-page">
      <p className="lead">{t('consent.lead')}</p>
      <Section>
        <ConsentList withdraw />
        <Note kind="info">{t('consent.requiredNote')}</Note>
      </Section>
      <History />
      <Export />
      <Retention />
      <CloseAll />
    </Page>
  )
}

function History() {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  const texts = useConsentTexts().data ?? []
  const history = useQuery({
    queryKey: ['consentHistory'],
    enabled: open,
    queryFn: async () => (await bank.call('GET /v1/consents/history')).items,
  })
  const titleOf = (purpose: string) =>
    inLanguage(texts.find((one) => one.purpose === purpose)?.title, currentLanguage()) || purpose
  return (
    <Section flush>
      <details
        className="question"
        onToggle={(event) => setOpen(event.currentTarget.open)}
        data-testid="consent-history"
      >
        <summary>{t('privacy.history')}</summary>
        {open && history.isPending && <Waiting />}
        {history.error && (
          <ProblemNote problem={history.error} retry={() => void history.refetch()} />
        )}
        <ol className="history">
          {history.data?.map((word) => (
            <li key={`${word.purpose}-${word.at}`} data-testid="consent-word">
              <strong>{titleOf(word.purpose)}</strong>{' '}
              <span className={word.granted ? 'tag good' : 'tag wait'}>
                {t(word.granted ? 'privacy.granted' : 'privacy.withdrawn')}
              </span>
              <small>
                {word.at && showInstant(word.at, tag())} · {t('privacy.version', { version: word.textVersion })}
              </small>
            </li>
          ))}
        </ol>
      </details>
    </Section>
  )
}

function Export() {
  const { t } = useTranslation()
  const stepUp = useStepUp()
  const [format, setFormat] = useState<'pdf' | 'json'>('pdf')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const save = async () => {
    setBusy(true)
    setProblem(null)
    try {
      await stepUp(() => download(`/v1/me/export?format=${format}`, `sycee-export.${format}`))
    } catch (error) {
      if (!(error instanceof NotConfirmed)) setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Section title={t('privacy.export')}>
      <p className="lead">{t('privacy.exportText')}</p>
      <Choice
        label={t('statement.format')}
        value={format}
        options={[
          { value: 'pdf', text: 'PDF' },
          { value: 'json', text: 'JSON' },
        ]}
        onValue={setFormat}
        testId="export-format"
      />
      {problem && <ProblemNote problem={problem} />}
      <MainButton loading={busy} onClick={() => void save()} data-testid="export">
        {t('privacy.exportAction')}
      </MainButton>
    </Section>
  )
}

function Retention() {
  const { t, i18n } = useTranslation()
  const language = currentLanguage()
  const retention = useQuery({
    queryKey: ['retention'],
    queryFn: async () => (await bank.call('GET /v1/retention')).items,
    staleTime: 300_000,
  })
  return (
    <Section title={t('privacy.retention')} testId="retention">
      {retention.isPending && <Waiting />}
      {retention.error && (
        <ProblemNote problem={retention.error} retry={() => void retention.refetch()} />
      )}
      <dl className="retention">
        {retention.data?.map((one) => (
          <div key={one.kind} data-testid="retention-row">
            <dt>
              {one.name
                ? inLanguage(one.name, language)
                : i18n.exists(`retention.${one.kind}`)
                  ? t(`retention.${one.kind}`)
                  : one.kind}
            </dt>
            <dd>
              <strong>
                {typeof one.keptFor === 'string' ? (
                  <Period text={one.keptFor} />
                ) : (
                  inLanguage(one.keptFor, language)
                )}
              </strong>
              <small>{inLanguage(one.ground, language)}</small>
            </dd>
          </div>
        ))}
      </dl>
    </Section>
  )
}

const UNITS = { D: 'days', M: 'months', Y: 'years' } as const

/** "P180D" and "P5Y" as text; anything else unchanged. */
function Period(props: { text: string }) {
  const { t } = useTranslation()
  const match = /^P(\d+)([DMY])$/.exec(props.text)
  if (!match) return props.text
  return t(`period.${UNITS[match[2] as keyof typeof UNITS]}`, { count: Number(match[1]) })
}

/** Closes all accounts, cards and sessions. It is confirmed twice, after the effects are listed. */
function CloseAll() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const stepUp = useStepUp()
  const formKey = useFormKey()
  const cards = useCards().data ?? []
  const accounts = useAccounts().data ?? []
  const [asking, setAsking] = useState(false)
  const [sure, setSure] = useState(false)
  const [cardId, setCardId] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [closed, setClosed] = useState<Closure | null>(null)
  const card = cardId ?? cards[0]?.cardId
  const close = async () => {
    if (busy || !sure) return
    setBusy(true)
    setProblem(null)
    try {
      const body = card ? { cardId: card } : {}
      setClosed(
        await stepUp(
          () => bank.call('POST /v1/me/closure', { body, key: formKey.keyFor(body) }),
          { onRepeat: (again) => formKey.refused(again) },
        ),
      )
    } catch (error) {
      if (error instanceof NotConfirmed) return
      formKey.refused(problemOf(error))
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Section title={t('closeAll.title')}>
      <p className="lead">{t('closeAll.text')}</p>
      <Button
        block
        color="danger"
        fill="outline"
        size="large"
        onClick={() => setAsking(true)}
        data-testid="close-all"
      >
        {t('closeAll.action')}
      </Button>
      <Sheet
        open={asking}
        title={t('closeAll.title')}
        onClose={() => !closed && setAsking(false)}
        testId="close-all-sheet"
      >
        {closed ? (
          <>
            <Note kind={closed.state === 'failed' ? 'bad' : 'good'} testId="closed">
              <p className="note-lead">{t(`closeAll.is.${closed.state}`)}</p>
              {closed.state !== 'failed' && (
                <p>{t('closeAll.erase', { date: showDate(closed.eraseAfter, tag()) })}</p>
              )}
            </Note>
            <MainButton
              onClick={() => {
                if (closed.state === 'failed') return setAsking(false)
                leave()
                void navigate('/welcome', { replace: true })
              }}
              data-testid="closed-leave"
            >
              {t('common.close')}
            </MainButton>
          </>
        ) : (
          <>
            <ul className="plain-list tips">
              {(['accounts', 'cards', 'sessions', 'data'] as const).map((effect) => (
                <li key={effect}>{t(`closeAll.effect.${effect}`)}</li>
              ))}
            </ul>
            {accounts.length > 0 && (
              <CardChoice
                label={t('closeAll.card')}
                cards={cards}
                value={card ?? ''}
                onValue={setCardId}
              />
            )}
            <label className="tick">
              <input
                type="checkbox"
                checked={sure}
                onChange={(event) => setSure(event.target.checked)}
                data-testid="close-all-sure"
              />
              <span>{t('closeAll.sure')}</span>
            </label>
            {problem && <ProblemNote problem={problem} />}
            {problem?.errors.map((fault) => (
              <p key={fault.detail} className="field-fault">
                {fault.detail}
              </p>
            ))}
            <div className="sheet-actions">
              <Button
                block
                size="large"
                onClick={() => setAsking(false)}
                data-testid="close-all-cancel"
              >
                {t('common.cancel')}
              </Button>
              <Button
                block
                size="large"
                color="danger"
                loading={busy}
                disabled={!sure}
                onClick={() => void close()}
                data-testid="close-all-yes"
              >
                {t('closeAll.action')}
              </Button>
            </div>
          </>
        )}
      </Sheet>
    </Section>
  )
}
