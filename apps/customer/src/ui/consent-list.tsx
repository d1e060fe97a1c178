import { Button } from 'antd-mobile'
import { CheckCircleFill } from 'antd-mobile-icons'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { showInstant } from '../../../shared/format.ts'
import { currentLanguage, inLanguage } from '../../../shared/i18n.ts'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { bank, type Consent, type ConsentText } from '../bank.ts'
import { latestWord, queries, useConsents, useConsentTexts } from '../queries.ts'
import { NotConfirmed, useStepUp } from '../step-up.tsx'
import { Confirm, ProblemNote, Waiting } from './kit.tsx'
import { tag } from './money.tsx'

/** Purposes whose withdrawal has effects beyond the permission. */
const EFFECTS = ['biometrics', 'location', 'marketing']

/** Each consent with its own text and button; nothing is preselected. */
export function ConsentList(props: {
  below?: (ready: boolean) => ReactNode
  withdraw?: boolean
  without?: string[]
}) {
  const texts = useConsentTexts()
  const given = useConsents()
  const error = texts.error ?? given.error
  if (error && (!texts.data || !given.data)) {
    return (
      <ProblemNote
        problem={error}
        retry={() => {
          void texts.refetch()
          void given.refetch()
        }}
      />
    )
  }
  if (!texts.data || !given.data) return <Waiting lines={8} />
  const latest = (purpose: string) => latestWord(given.data, purpose)
  const shown = texts.data.filter((text) => !props.without?.includes(text.purpose))
  const ready = shown
    .filter((text) => text.required)
    .every((text) => latest(text.purpose)?.granted)
  return (
    <>
      <ul className="consents" data-testid="consents">
        {shown.map((text) => (
          <ConsentItem
            key={text.purpose}
            text={text}
            given={latest(text.purpose)}
            withdraw={props.withdraw ?? false}
          />
        ))}
      </ul>
      {props.below?.(ready)}
    </>
  )
}

function ConsentItem(props: { text: ConsentText; given: Consent | undefined; withdraw: boolean }) {
  const { t } = useTranslation()
  const { text, given } = props
  const withStepUp = useStepUp()
  const [busy, setBusy] = useState(false)
  const [asking, setAsking] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const language = currentLanguage()
  const granted = given?.granted ?? false

  const say = async (answer: boolean) => {
    setBusy(true)
    setProblem(null)
    try {
      const body = { purpose: text.purpose, textVersion: text.version, granted: answer }
      // The face on file is a factor: deleting it needs the pass code.
      await withStepUp(() => bank.call('POST /v1/consents', { body }))
      setAsking(false)
      void queries.invalidateQueries({ queryKey: ['consentHistory'] })
      // Some withdrawals delete stored data; the steps of sign-up wait for "next".
      if (!answer) {
        for (const name of ['verification', 'me'])
          void queries.invalidateQueries({ queryKey: [name] })
      }
      await queries.invalidateQueries({ queryKey: ['consents'] })
    } catch (error) {
      if (!(error instanceof NotConfirmed)) setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <li data-testid={`consent-${text.purpose}`} data-granted={granted}>
      <div className="consent-head">
        <h3>{inLanguage(text.title, language)}</h3>
        <span className={text.required ? 'tag wait' : 'tag'}>
          {t(text.required ? 'consent.required' : 'consent.optional')}
        </span>
      </div>
      <div
        className="consent-text"
        tabIndex={0}
        role="group"
        aria-label={inLanguage(text.title, language)}
      >
        {inLanguage(text.text, language)}
      </div>
      {problem && !asking && <ProblemNote problem={problem} />}
      {granted ? (
        <p className="consent-given">
          <CheckCircleFill aria-hidden />{' '}
          {t('consent.given', { time: given?.at ? showInstant(given.at, tag()) : '' })}
          {props.withdraw && !text.required && (
            <button
              type="button"
              className="link-button"
              onClick={() => setAsking(true)}
              data-testid={`withdraw-${text.purpose}`}
            >
              {t('consent.withdraw')}
            </button>
          )}
        </p>
      ) : (
        <Button
          block
          color="primary"
          fill="outline"
          loading={busy}
          onClick={() => void say(true)}
          aria-label={`${t('consent.agree')}: ${inLanguage(text.title, language)}`}
          data-testid={`agree-${text.purpose}`}
        >
          {t('consent.agree')}
        </Button>
      )}
      <Confirm
        open={asking}
        title={t('consent.withdrawTitle')}
        text={
          <>
            {t('consent.withdrawText', { title: inLanguage(text.title, language) })}{' '}
            {EFFECTS.includes(text.purpose) && t(`consent.effect.${text.purpose}`)}
          </>
        }
        action={t('consent.withdraw')}
        busy={busy}
        problem={problem}
        onClose={() => setAsking(false)}
        onConfirm={() => void say(false)}
        testId="withdraw-consent"
      />
    </li>
  )
}
