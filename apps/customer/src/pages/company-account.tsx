import { useInfiniteQuery } from '@tanstack/react-query'
import { Button } from 'antd-mobile'
import { BillOutline } from 'antd-mobile-icons'
import { useTranslation } from 'react-i18next'
import { useParams } from 'react-router'
import { balanceOf } from '../../../shared/api.ts'
import { groupByFour } from '../../../shared/identifiers.ts'
import { bank } from '../bank.ts'
import { useCompany } from '../company-queries.ts'
import { Empty, Page, ProblemNote, Section, Waiting } from '../ui/kit.tsx'
import { Amount } from '../ui/money.tsx'
import { TransactionRow } from '../ui/transaction.tsx'

export default function CompanyAccount() {
  const { t } = useTranslation()
  const { companyId = '', accountId = '' } = useParams()
  const company = useCompany(companyId).data
  const account = company?.accounts.find((one) => one.accountId === accountId)
  const list = useInfiniteQuery({
    queryKey: ['companyAccounts', companyId, accountId],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      bank.page('GET /v1/companies/{companyId}/accounts/{accountId}/transactions', {
        params: { companyId, accountId },
        query: { limit: 20, ...(pageParam ? { cursor: pageParam } : {}) },
      }),
    getNextPageParam: (page) => page.cursor,
  })
  const items = list.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Page
      title={company?.name ?? t('company.one')}
      back={`/me/companies/${companyId}`}
      testId="company-account-page"
    >
      {account && (
        <Section>
          <p className="row-note digits">{groupByFour(account.accountNumber)}</p>
          <Amount money={balanceOf(account, 'interimBooked')} size="big" />
        </Section>
      )}
      {list.isPending && <Waiting lines={6} />}
      {list.error && <ProblemNote problem={list.error} retry={() => void list.refetch()} />}
      {list.data && items.length === 0 && <Empty icon={<BillOutline />} text={t('activity.none')} />}
      {items.length > 0 && (
        <Section title={t('activity.title')} flush>
          {items.map((one) => (
            <TransactionRow key={one.transactionId} transaction={one} hidden={false} withDay />
          ))}
        </Section>
      )}
      {list.hasNextPage && (
        <Button
          block
          fill="none"
          color="primary"
          loading={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
          data-testid="company-more"
        >
          {t('activity.more')}
        </Button>
      )}
    </Page>
  )
}
