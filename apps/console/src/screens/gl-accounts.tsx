// The chart of accounts by class, each with its balance and side.

import { Input } from 'antd'
import { Fragment, useMemo } from 'react'
import { SearchOutlined } from '@ant-design/icons'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { digitsOf, formatMinor, minorOf } from '../../../shared/money.ts'
import { useAnswer } from '../api/client'
import type { GlAccount, GlClass } from '../api/types'
import { useFilters } from '../filters'
import { formatCount } from '../format'
import { Amount, SideWord } from '../parts/amount'
import { Loading, Nothing, PageHead, Problem, Words } from '../parts/bits'
import { usePrefs } from '../prefs'

const classes: GlClass[] = ['asset', 'liability', 'equity', 'income', 'expense']
const names = ['q'] as const

// Net balance of a class on its normal side, per currency.
function netOf(rows: GlAccount[], side: 'debit' | 'credit') {
  const sums = new Map<string, bigint>()
  for (const row of rows) {
    const minor = minorOf(row.balance)
    sums.set(row.currency, (sums.get(row.currency) ?? 0n) + (row.side === side ? minor : -minor))
  }
  return [...sums].map(([currency, minor]) => ({ currency, amount: formatMinor(minor, digitsOf(currency)) }))
}

export default function Chart() {
  const { t } = useTranslation()
  const { lang } = usePrefs()
  const [filters, set] = useFilters(names)
  const answer = useAnswer('GET /v1/staff/gl-accounts')
  const text = (filters.q ?? '').toLowerCase()
  const items = useMemo(
    () =>
      (answer.data?.items ?? []).filter(
        (g) =>
          text === '' ||
          g.code.startsWith(text) ||
          g.name.zh.toLowerCase().includes(text) ||
          g.name.en.toLowerCase().includes(text),
      ),
    [answer.data, text],
  )
  return (
    <>
      <PageHead title={t('menu.glAccounts')} note={t('gl.note')} />
      <div className="table-bar">
        <Input
          style={{ width: 280 }}
          allowClear
          prefix={<SearchOutlined aria-hidden />}
          value={filters.q ?? ''}
          placeholder={t('gl.search')}
          aria-label={t('gl.search')}
          onChange={(e) => set({ q: e.target.value })}
          data-testid="filter-q"
        />
      </div>
      {answer.error ? (
        <Problem error={answer.error} retry={() => void answer.refetch()} />
      ) : !answer.data ? (
        <Loading rows={12} />
      ) : items.length === 0 ? (
        <Nothing text={t('table.empty')} />
      ) : (
        <table className="ledger ledger-page" data-testid="gl-accounts">
          <caption className="sr">{t('menu.glAccounts')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('gl.code')}</th>
              <th scope="col">{t('gl.name')}</th>
              <th scope="col">{t('gl.normalSide')}</th>
              <th scope="col" className="num">
                {t('gl.accountCount')}
              </th>
              <th scope="col">{t('gl.side')}</th>
              <th scope="col" className="num">
                {t('gl.balance')}
              </th>
            </tr>
          </thead>
          {classes.map((cls) => {
            const rows = items.filter((g) => g.class === cls)
            if (rows.length === 0) return null
            const side = cls === 'asset' || cls === 'expense' ? 'debit' : 'credit'
            return (
              <Fragment key={cls}>
                <tbody>
                  <tr className="ledger-class">
                    <th scope="rowgroup" colSpan={4}>
                      {t(`glClass.${cls}`)}
                    </th>
                    <td>
                      <SideWord side={side} />
                    </td>
                    <td className="num">
                      {netOf(rows, side).map((m) => (
                        <Amount key={m.currency} value={m} />
                      ))}
                    </td>
                  </tr>
                  {rows.map((g) => (
                    <tr key={`${g.code}${g.currency}`}>
                      <td>
                        <Link className="mono" to={`/ledger/journals?account=${g.code}`}>
                          {g.code}
                        </Link>
                      </td>
                      <td>
                        <Words of={g.name} />
                      </td>
                      <td>{t(`side.${g.normalSide}`)}</td>
                      <td className="num digits">{formatCount(g.accountCount, lang)}</td>
                      <td>
                        <SideWord side={g.side} />
                      </td>
                      <td className="num">
                        <Amount value={g.balance} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </Fragment>
            )
          })}
        </table>
      )}
    </>
  )
}
