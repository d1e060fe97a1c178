import { useTranslation } from 'react-i18next'
import { ConsentList } from '../ui/consent-list.tsx'
import { Page, Section } from '../ui/kit.tsx'

export default function Consents() {
  const { t } = useTranslation()
  return (
    <Page title={t('consent.title')} back="/me" testId="consents-page">
      <p className="lead">{t('consent.lead')}</p>
      <Section>
        <ConsentList withdraw />
      </Section>
    </Page>
  )
}
