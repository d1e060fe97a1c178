// A journal with its postings: debits and credits in columns of their own, totals below, links to
// the accounts and to the journal that it reverses.

import { Drawer } from 'antd'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { digitsOf, formatMinor, minorOf } from '../../../shared/money.ts'
import { useAnswer } from '../api/client'
import type { Journal, Money, Posting, Side } from '../api/types'
import { useStaff } from '../layout/shell'
import { mayOpen } from '../permissions'
import { Amount, SideWord } from './amount'
import { Day, Facts, IdLink, Instant, Loading, Mono, Problem, Words } from './bits'

function totalOf(postings: Posting[], side: Side): Money[] {
  const sums = new Map<string, bigint>()
  for (const p of postings) {
    if (p.side === side) sums.set(p.amount.currency, (sums.get(p.amount.currency) ?? 0n) + minorOf(p.amount))
  }
  return [...sums].map(([currency, minor]) => ({ currency, amount: formatMinor(minor, digitsOf(currency)) }))
}

// Names of the posting recipes, for filters; a recipe missing here is shown by its API name.
export const recipes = [
  'transfer',
  'topUp',
  'withdrawal',
  'settleIn',
  'settleOut',
  'interestAccrual',
  'interest',
  'capitalPaidIn',
  'reversal',
  'bulk',
  'topUpReturn',
]

export function recipeName(t: (key: string, options: object) => string, kind: string): string {
  return t(`recipe.${kind}`, { defaultValue: kind })
}

export function Postings({ postings }: { postings: Posting[] }) {
  const { t } = useTranslation()
  const staff = useStaff()
  return (
    <div className="ledger-scroll" tabIndex={0} role="group" aria-label={t('journal.postings')}>
      <table className="ledger" data-testid="postings">
        <thead>
          <tr>
            <th scope="col">{t('journal.glAccount')}</th>
            <th scope="col">{t('journal.account')}</th>
            <th scope="col">{t('journal.side')}</th>
            <th scope="col" className="num">
              {t('side.debit')}
            </th>
            <th scope="col" className="num">
              {t('side.credit')}
            </th>
            <th scope="col" className="num">
              {t('journal.balanceAfter')}
            </th>
          </tr>
        </thead>
        <tbody>
          {postings.map((p, index) => (
            <tr key={index}>
              <td>
                <span className="mono">{p.glCode}</span> <Words of={p.glName} />
              </td>
              <td>
                {(p.glCode === '2001' || p.glCode === '2005') && mayOpen(staff, 'accounts') ? (
                  <IdLink to={`/accounts/${p.accountId}`} id={p.accountId} />
                ) : (
                  <Mono>{p.accountId}</Mono>
                )}
              </td>
              <td>
                <SideWord side={p.side} />
              </td>
              <td className="num">{p.side === 'debit' && <Amount value={p.amount} currency={false} />}</td>
              <td className="num">{p.side === 'credit' && <Amount value={p.amount} currency={false} />}</td>
              <td className="num">
                <Amount value={p.balanceAfter} />
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={3}>
              {t('journal.total')}
            </th>
            <td className="num">
              {totalOf(postings, 'debit').map((m) => (
                <Amount key={m.currency} value={m} currency={false} />
              ))}
            </td>
            <td className="num">
              {totalOf(postings, 'credit').map((m) => (
                <Amount key={m.currency} value={m} currency={false} />
              ))}
            </td>
            <td className="num muted">{postings[0]?.amount.currency}</td>
          </tr>
        </tfoot>
      </table>
    </div>
  )
}

export function JournalBody({ journal }: { journal: Journal }) {
  const { t } = useTranslation()
  return (
    <>
      <Facts
        items={[
          [
            t('journal.id'),
            <Mono copy key="id">
              {journal.journalId}
            </Mono>,
          ],
          [
            t('journal.kind'),
            <span key="k">
              {recipeName(t as never, journal.kind)}{' '}
              <span className="muted">{t('journal.version', { version: journal.recipeVersion })}</span>
            </span>,
          ],
          [t('journal.bookingDate'), <Day key="b" date={journal.bookingDate} />],
          [t('journal.valueDate'), <Day key="v" date={journal.valueDate} />],
          [t('journal.createdAt'), <Instant key="c" at={journal.createdAt} />],
          !!journal.reference && [t('journal.reference'), <Mono key="r">{journal.reference}</Mono>],
          !!journal.reversalOf && [
            t('journal.reversalOf'),
            <Link key="o" to={`/ledger/journals/${journal.reversalOf}`} className="mono" data-testid="reversal-link">
              {journal.reversalOf}
            </Link>,
          ],
        ]}
      />
      <Postings postings={journal.postings} />
    </>
  )
}

export function JournalDrawer({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  const { t } = useTranslation()
  const journal = useAnswer('GET /v1/staff/journals/{id}', { params: { id: id ?? '' } }, { enabled: !!id })
  return (
    <Drawer
      open={!!id}
      onClose={onClose}
      size={760}
      title={t('journal.title')}
      destroyOnHidden
      data-testid="journal-drawer"
    >
      {journal.error ? (
        <Problem error={journal.error} retry={() => void journal.refetch()} />
      ) : journal.data && id ? (
        <JournalBody journal={journal.data} />
      ) : (
        <Loading />
      )}
    </Drawer>
  )
}
