import { useTranslation } from 'react-i18next'
import { currentLanguage, inLanguage } from '../../../shared/i18n.ts'
import { percentOf, showMoney } from '../../../shared/money.ts'
import { useLimits } from '../queries.ts'
import { useChosenAccount } from '../ui/account-choice.tsx'
import { Bar, Page, ProblemNote, Section, Waiting } from '../ui/kit.tsx'
import { tag } from '../ui/money.tsx'

export default function Limits() {
  const { t, i18n } = useTranslation()
  const { account, choice } = useChosenAccount()
  const limits = useLimits(account?.accountId)
  return (
    <Page title={t('limits.title')} back="/me" testId="limits">
      <p className="lead">{t('limits.lead')}</p>
      {choice}
      {limits.isPending && <Waiting lines={8} />}
      {limits.error && <ProblemNote problem={limits.error} retry={() => void limits.refetch()} />}
      {limits.data?.map((limit) => {
        const name = i18n.exists(`limit.${limit.limit}`) ? t(`limit.${limit.limit}`) : limit.limit
        return (
          <Section key={limit.limit} testId={`limit-${limit.limit}`}>
            <div className="limit-head">
              <h2>{name}</h2>
              <span className="amount">
                {limit.left
                  ? t('limits.left', { left: showMoney(limit.left, tag()) })
                  : t('limits.none')}
              </span>
            </div>
            {limit.max && <Bar percent={percentOf(limit.used, limit.max)} label={name} />}
            <p className="limit-used digits">
              {t(limit.max ? 'limits.used' : 'limits.usedOnly', {
                used: showMoney(limit.used, tag()),
                max: limit.max ? showMoney(limit.max, tag()) : '',
              })}
            </p>
            <p className="field-hint">
              {t('limits.source', {
                source: inLanguage(limit.source, currentLanguage()),
                version: limit.ruleVersion,
              })}
            </p>
          </Section>
        )
      })}
    </Page>
  )
}
