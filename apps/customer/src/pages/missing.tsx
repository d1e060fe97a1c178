import { QuestionCircleOutline } from 'antd-mobile-icons'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { Empty, Page } from '../ui/kit.tsx'

export default function Missing() {
  const { t } = useTranslation()
  return (
    <Page title={t('missing.title')} back="/" testId="missing">
      <Empty icon={<QuestionCircleOutline />} text={t('missing.text')} />
      <Link to="/" className="button-link" data-testid="to-home">
        {t('payment.home')}
      </Link>
    </Page>
  )
}
