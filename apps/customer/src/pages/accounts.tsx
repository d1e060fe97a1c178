import { BankcardOutline, RightOutline, TeamOutline } from 'antd-mobile-icons'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useNavigate } from 'react-router'
import { balanceOf, type Account } from '../../../shared/api.ts'
import { currentLanguage, inLanguage } from '../../../shared/i18n.ts'
import { useFormKey } from '../../../shared/idempotency.ts'
import { groupByFour } from '../../../shared/identifiers.ts'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { percentOf, showMoney } from '../../../shared/money.ts'
import { bank } from '../bank.ts'
import { queries, useAccounts, useLimits } from '../queries.ts'
import { NotConfirmed, useStepUp } from '../step-up.tsx'
import {
  Bar,
  Confirm,
  Empty,
  Facts,
  Page,
  ProblemNote,
  Row,
  Section,
  Waiting,
} from '../ui/kit.tsx'
import { Amount, tag } from '../ui/money.tsx'
import { say } from '../ui/say.ts'

const CLASS_III_MAX = 5

export default function Accounts() {
  const { t } = useTranslation()
  const accounts = useAccounts()
  const open = accounts.data?.filter((one) => one.state !== 'closed') ?? []
  const closed = accounts.data?.filter((one) => one.state === 'closed') ?? []
  const hasPayment = open.some((one) => one.class === 'payment')
  const third = open.filter((one) => one.class === 'III').length
  return (
    <Page title={t('accounts.title')} back="/me" testId="accounts">
      {accounts.isPending && <Waiting lines={6} />}
      {accounts.error && (
        <ProblemNote problem={accounts.error} retry={() => void accounts.refetch()} />
      )}
      {accounts.data?.length === 0 && (
        <Empty icon={<BankcardOutline />} text={t('accounts.none')} />
      )}
      {open.map((account) => (
        <AccountItem key={account.accountId} account={account} />
      ))}
      {accounts.data && open.length > 0 && (
        <Section title={t('accounts.more')} flush>
          {!hasPayment && <OpenRow kind="payment" />}
          {third < CLASS_III_MAX && <OpenRow kind="III" />}
          <Row
            icon={<TeamOutline />}
            title={t('company.title')}
            note={t('company.note')}
            to="/me/companies"
            testId="to-companies"
          />
        </Section>
      )}
      {closed.length > 0 && (
        <Section title={t('accounts.closed')} flush>
          {closed.map((account) => (
            <Row
              key={account.accountId}
              title={<span className="digits">{groupByFour(account.accountNumber)}</span>}
              note={t(`accountClass.${account.class}`)}
              testId="closed-account"
            />
          ))}
        </Section>
      )}
    </Page>
  )
}

function AccountItem(props: { account: Account }) {
  const { t } = useTranslation()
  const { account } = props
  return (
    <Section testId="account">
      <div className="limit-head" data-class={account.class}>
        <h2>{t(`accountClass.${account.class}`)}</h2>
        <span className={account.state === 'active' ? 'tag good' : 'tag wait'}>
          {t(`accountState.${account.state}`)}
        </span>
      </div>
      <p className="account-balance">
        <Amount money={balanceOf(account, 'interimBooked')} size="big" />
      </p>
      <Facts
        items={[
          [
            t('facts.account'),
            <span className="digits">{groupByFour(account.accountNumber)}</span>,
          ],
          [t('facts.product'), inLanguage(account.product.name, currentLanguage())],
          [
            t('facts.rate'),
            account.class === 'payment' ? t('accounts.noInterest') : account.product.interestRate,
          ],
        ]}
      />
      {account.class === 'payment' && <TierLimits accountId={account.accountId} />}
      <p className="account-links">
        <Link to={`/me/limits?account=${account.accountId}`} data-testid="account-limits">
          {t('limits.title')} <RightOutline aria-hidden />
        </Link>
        {account.state === 'active' && (
          <Link to={`/me/accounts/${account.accountId}/close`} data-testid="close-account">
            {t('accounts.close')} <RightOutline aria-hidden />
          </Link>
        )}
      </p>
    </Section>
  )
}

function TierLimits(props: { accountId: string }) {
  const { t } = useTranslation()
  const limits = useLimits(props.accountId).data?.filter(({ limit }) => limit.startsWith('tier'))
  return limits?.map(
    ({ limit, max, used, left }) =>
      max && (
        <div key={limit} className="tier-limit" data-testid={`limit-${limit}`}>
          <p className="limit-used digits">
            {t(`limit.${limit}`)}:{' '}
            {left ? t('limits.left', { left: showMoney(left, tag()) }) : t('limits.none')}
          </p>
          <Bar percent={percentOf(used, max)} label={t(`limit.${limit}`)} />
        </div>
      ),
  )
}

function OpenRow(props: { kind: 'payment' | 'III' }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const stepUp = useStepUp()
  const formKey = useFormKey()
  const [asking, setAsking] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const open = async () => {
    if (busy) return
    setBusy(true)
    setProblem(null)
    try {
      const body = { class: props.kind }
      await stepUp(() => bank.call('POST /v1/accounts', { body, key: formKey.keyFor(body) }), {
        onRepeat: (again) => formKey.refused(again),
      })
      setAsking(false)
      say(t('accounts.opened'))
      for (const name of ['accounts', 'limits', 'tier'])
        void queries.invalidateQueries({ queryKey: [name] })
      await navigate('/me/accounts', { replace: true })
    } catch (error) {
      if (error instanceof NotConfirmed) return
      formKey.refused(problemOf(error))
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <Row
        icon={<BankcardOutline />}
        title={t(`accounts.open.${props.kind}`)}
        note={t(`accounts.openNote.${props.kind}`)}
        onClick={() => setAsking(true)}
        testId={`open-${props.kind}`}
      />
      <Confirm
        open={asking}
        title={t(`accounts.open.${props.kind}`)}
        text={t(`accounts.openText.${props.kind}`)}
        action={t('accounts.openAction')}
        busy={busy}
        problem={problem}
        onClose={() => setAsking(false)}
        onConfirm={() => void open()}
        testId={`open-${props.kind}-sheet`}
      />
    </>
  )
}
