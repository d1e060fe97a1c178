import { AddOutline, ShopbagOutline } from 'antd-mobile-icons'
import { useTranslation } from 'react-i18next'
import { useCompanies } from '../company-queries.ts'
import { Empty, Page, ProblemNote, Row, Section, Waiting } from '../ui/kit.tsx'

export default function Companies() {
  const { t } = useTranslation()
  const companies = useCompanies()
  return (
    <Page title={t('company.title')} back="/me/accounts" testId="companies">
      <p className="lead">{t('company.lead')}</p>
      {companies.isPending && <Waiting />}
      {companies.error && (
        <ProblemNote problem={companies.error} retry={() => void companies.refetch()} />
      )}
      {companies.data?.length === 0 && (
        <Empty icon={<ShopbagOutline />} text={t('company.none')} />
      )}
      {companies.data && companies.data.length > 0 && (
        <Section flush>
          {companies.data.map((one) => (
            <Row
              key={one.companyId}
              icon={<ShopbagOutline />}
              title={one.name}
              note={<span className="digits">{one.uscc}</span>}
              aside={
                <span className={one.state === 'active' ? 'tag good' : 'tag wait'}>
                  {t(`companyState.${one.state}`)}
                </span>
              }
              to={`/me/companies/${one.companyId}`}
              testId="company"
            />
          ))}
        </Section>
      )}
      <Section flush>
        <Row
          icon={<AddOutline />}
          title={t('company.register')}
          note={t('company.registerNote')}
          to="/me/companies/new"
          testId="register-company"
        />
      </Section>
    </Page>
  )
}
