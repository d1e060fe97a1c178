import { Button } from 'antd-mobile'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { currentLanguage, inLanguage } from '../../../shared/i18n.ts'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { bank } from '../bank.ts'
import { latestWord, queries, useConsents, useConsentTexts } from '../queries.ts'
import { ProblemNote, Waiting } from './kit.tsx'

/**
 * A consent requested when it is needed. The feature that needs it is shown only after the customer agreed;
 * declining is as easy, and `otherwise` is the way without it.
 */
export function ConsentAsk(props: {
  purpose: string
  otherwise?: ReactNode
  children: ReactNode
}) {
  const { t } = useTranslation()
  const texts = useConsentTexts()
  const given = useConsents()
  const [busy, setBusy] = useState(false)
  const [agreed, setAgreed] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const text = texts.data?.find((one) => one.purpose === props.purpose)
  const language = currentLanguage()
  // A limited session cannot read earlier consents, so the customer is asked again.
  const isHidden = given.error !== null && problemOf(given.error).slug === 'step-up-required'
  const words = isHidden ? [] : given.data
  const error = texts.error ?? given.error
  if (error && (!texts.data || !words)) {
    return <ProblemNote problem={error} retry={() => void Promise.all([texts.refetch(), given.refetch()])} />
  }
  if (!texts.data || !words) return <Waiting lines={6} />
  // A bank without a text for this purpose does not ask for it.
  if (!text || agreed || latestWord(words, props.purpose)?.granted) return props.children

  const agree = async () => {
    setBusy(true)
    setProblem(null)
    try {
      const body = { purpose: text.purpose, textVersion: text.version, granted: true }
      await bank.call('POST /v1/consents', { body })
      setAgreed(true)
      await queries.invalidateQueries({ queryKey: ['consents'] })
    } catch (failed) {
      setProblem(problemOf(failed))
    } finally {
      setBusy(false)
    }
  }
  return (
    <div data-testid={`consent-${text.purpose}`} data-granted="false">
      <div className="consent-head">
        <h3>{inLanguage(text.title, language)}</h3>
        <span className="tag">{t('consent.yourChoice')}</span>
      </div>
      <div
        className="consent-text"
        tabIndex={0}
        role="group"
        aria-label={inLanguage(text.title, language)}
      >
        {inLanguage(text.text, language)}
      </div>
      {problem && <ProblemNote problem={problem} />}
      <Button
        block
        color="primary"
        size="large"
        loading={busy}
        onClick={() => void agree()}
        aria-label={`${t('consent.agree')}: ${inLanguage(text.title, language)}`}
        data-testid={`agree-${text.purpose}`}
      >
        {t('consent.agree')}
      </Button>
      {props.otherwise}
    </div>
  )
}
