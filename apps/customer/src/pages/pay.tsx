import {
  FileOutline,
  PayCircleOutline,
  ReceivePaymentOutline,
  SendOutline,
} from 'antd-mobile-icons'
import { useTranslation } from 'react-i18next'
import { balanceOf } from '../../../shared/api.ts'
import { showMoney } from '../../../shared/money.ts'
import { useAccount, useLimits } from '../queries.ts'
import { useSettings } from '../settings.ts'
import { Page, Row, Section } from '../ui/kit.tsx'
import { tag } from '../ui/money.tsx'

export default function Pay() {
  const { t } = useTranslation()
  const { account } = useAccount()
  const { hidden } = useSettings()
  const limits = useLimits(account?.accountId).data ?? []
  const left = limits.find((limit) => limit.limit === 'outflowNonBoundDay')
  return (
    <Page title={t('tabs.pay')} testId="pay">
      <Section flush title={t('pay.send')}>
        <Row
          icon={<SendOutline />}
          title={t('pay.transfer')}
          note={t('pay.transferNote')}
          to="/transfer"
          testId="pay-transfer"
        />
        <Row
          icon={<PayCircleOutline />}
          title={t('pay.withdraw')}
          note={t('pay.withdrawNote')}
          to="/withdraw"
          testId="pay-withdraw"
        />
      </Section>
      <Section flush title={t('pay.receive')}>
        <Row
          icon={<ReceivePaymentOutline />}
          title={t('pay.topUp')}
          note={t('pay.topUpNote')}
          to="/top-up"
          testId="pay-top-up"
        />
      </Section>
      <Section flush title={t('pay.overview')}>
        {account && (
          <Row
            title={t('home.available')}
            aside={hidden ? '****' : showMoney(balanceOf(account, 'interimAvailable'), tag())}
            testId="pay-available"
          />
        )}
        {left?.left && (
          <Row
            title={t('pay.leftToday')}
            aside={showMoney(left.left, tag())}
            to="/me/limits"
            testId="pay-left-today"
          />
        )}
        <Row
          icon={<FileOutline />}
          title={t('statement.title')}
          to="/statement"
          testId="pay-statement"
        />
      </Section>
    </Page>
  )
}
