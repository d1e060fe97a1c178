import { useTranslation } from 'react-i18next'
import { showDate } from '../../../shared/format.ts'
import { useBank } from '../queries.ts'
import { useBankName } from '../ui/brand.tsx'
import { Facts, Page, Section } from '../ui/kit.tsx'
import { tag } from '../ui/money.tsx'

const QUESTIONS = ['checking', 'twice', 'limits', 'interest', 'card', 'phone'] as const

export default function Help() {
  const { t } = useTranslation()
  const name = useBankName()
  const { data } = useBank()
  return (
    <Page title={t('help.title')} back="/me" testId="help">
      <Section title={t('help.questions')} flush>
        {QUESTIONS.map((question) => (
          <details key={question} className="question">
            <summary>{t(`help.${question}Q`)}</summary>
            <p>{t(`help.${question}A`)}</p>
          </details>
        ))}
      </Section>
      <Section title={t('help.about')}>
        <Facts
          items={[
            [t('help.bank'), name],
            [t('help.version'), <span data-testid="version">{data?.version}</span>],
            [t('help.businessDate'), data && showDate(data.businessDate, tag())],
            [t('help.environment'), data?.environment],
          ]}
        />
        <p>
          <a href="/docs" target="_blank" rel="noreferrer" data-testid="api-docs">
            {t('help.docs')}
          </a>
        </p>
      </Section>
    </Page>
  )
}
