import { Button } from 'antd-mobile'
import {
  BankcardOutline,
  CheckShieldOutline,
  FileOutline,
  HistogramOutline,
  LockOutline,
  MailOutline,
  QuestionCircleOutline,
  SetOutline,
  UserContactOutline,
  UnorderedListOutline,
} from 'antd-mobile-icons'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { currentLanguage, inLanguage } from '../../../shared/i18n.ts'
import { groupByFour } from '../../../shared/identifiers.ts'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { bank } from '../bank.ts'
import { leave, useAccount, useMe } from '../queries.ts'
import { Facts, Page, ProblemNote, Row, Section } from '../ui/kit.tsx'

export default function Me() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const me = useMe().data
  const { account } = useAccount()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const signOut = async () => {
    setBusy(true)
    setProblem(null)
    try {
      await bank.call('DELETE /v1/sessions/{sessionId}', { params: { sessionId: 'current' } })
      leave()
      await navigate('/sign-in', { replace: true })
    } catch (error) {
      setProblem(problemOf(error))
      setBusy(false)
    }
  }
  return (
    <Page title={t('tabs.me')} testId="me">
      <Section testId="profile">
        <div className="profile">
          <span className="face" aria-hidden>
            {(me?.name ?? me?.phone ?? '').slice(0, 1)}
          </span>
          <div>
            <h2>{me?.name ?? t('me.noName')}</h2>
            <p className="digits">{me?.phone}</p>
          </div>
        </div>
        <Facts
          items={[
            [t('me.idNumber'), <span className="digits">{me?.maskedIdNumber ?? '—'}</span>],
            [
              t('facts.account'),
              account && <span className="digits">{groupByFour(account.accountNumber)}</span>,
            ],
            [t('facts.product'), account && inLanguage(account.product.name, currentLanguage())],
            [t('me.state'), me && t(`me.is.${me.state}`)],
          ]}
        />
      </Section>
      <Section flush title={t('me.money')}>
        <Row
          icon={<UnorderedListOutline />}
          title={t('accounts.title')}
          to="/me/accounts"
          testId="me-accounts"
        />
        <Row icon={<BankcardOutline />} title={t('cards.title')} to="/me/cards" testId="me-cards" />
        <Row
          icon={<HistogramOutline />}
          title={t('limits.title')}
          to="/me/limits"
          testId="me-limits"
        />
        <Row
          icon={<FileOutline />}
          title={t('statement.title')}
          to="/statement"
          testId="me-statement"
        />
      </Section>
      <Section flush title={t('me.app')}>
        <Row
          icon={<UserContactOutline />}
          title={t('verification.title')}
          to="/me/verification"
          testId="me-verification"
        />
        <Row
          icon={<LockOutline />}
          title={t('security.title')}
          to="/me/security"
          testId="me-security"
        />
        <Row
          icon={<CheckShieldOutline />}
          title={t('consent.title')}
          to="/me/consents"
          testId="me-consents"
        />
        <Row
          icon={<MailOutline />}
          title={t('messages.title')}
          to="/messages"
          testId="me-messages"
        />
        <Row
          icon={<SetOutline />}
          title={t('settings.title')}
          to="/me/settings"
          testId="me-settings"
        />
        <Row
          icon={<QuestionCircleOutline />}
          title={t('help.title')}
          to="/me/help"
          testId="me-help"
        />
      </Section>
      {problem && <ProblemNote problem={problem} />}
      <Button
        block
        size="large"
        loading={busy}
        onClick={() => void signOut()}
        data-testid="sign-out"
      >
        {t('me.signOut')}
      </Button>
    </Page>
  )
}
