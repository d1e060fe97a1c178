// Trial balance of a business date: opening, turnover and closing of each general-ledger account in debit
// and credit columns, with totals. The browser builds the export from the whole table.

import { CheckCircleFilled, CloseCircleFilled, DownloadOutlined } from '@ant-design/icons'
import { Button, DatePicker } from 'antd'
import dayjs from 'dayjs'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { useAnswer } from '../api/client'
import { trialColumns, type TrialBalance as Answer } from '../api/types'
import { csvText, download } from '../csv'
import { useFilters } from '../filters'
import { bankToday } from '../format'
import { Amount } from '../parts/amount'
import { Day, Loading, Nothing, PageHead, Problem, Words } from '../parts/bits'
import { usePrefs } from '../prefs'

const names = ['date'] as const

export default function TrialBalance() {
  const { t } = useTranslation()
  const { lang } = usePrefs()
  const [{ date }, set] = useFilters(names)
  const answer = useAnswer('GET /v1/staff/trial-balance', { query: { date } })
  const data = answer.data

  const save = (found: Answer) =>
    download(
      `trial-balance-${found.date}-${found.currency}.csv`,
      csvText([
        [t('gl.code'), t('gl.name'), t('gl.class'), ...trialColumns.map((c) => t(`trial.${c}`))],
        ...found.rows.map((row) => [
          row.code,
          row.name[lang],
          t(`glClass.${row.class}`),
          ...trialColumns.map((c) => row[c]),
        ]),
        ['', t('journal.total'), '', ...trialColumns.map((c) => found.totals[c])],
      ]),
    )
  return (
    <>
      <PageHead
        title={t('menu.trialBalance')}
        note={
          data && (
            <>
              <Day date={data.date} /> · {data.currency}
            </>
          )
        }
      >
        {data && <Balanced balanced={data.balanced} />}
        <DatePicker
          value={date ? dayjs(date) : data ? dayjs(data.date) : null}
          allowClear={false}
          format="YYYY-MM-DD"
          aria-label={t('trial.date')}
          disabledDate={(day) => day.format('YYYY-MM-DD') > bankToday()}
          onChange={(day) => set({ date: day ? day.format('YYYY-MM-DD') : '' })}
          data-testid="trial-date"
        />
        <Button
          icon={<DownloadOutlined />}
          disabled={!data}
          onClick={() => {
            if (data) save(data)
          }}
          data-testid="trial-export"
        >
          {t('trial.export')}
        </Button>
      </PageHead>
      {answer.error ? (
        <Problem error={answer.error} retry={() => void answer.refetch()} />
      ) : !data ? (
        <Loading rows={12} />
      ) : data.rows.length === 0 ? (
        <Nothing text={t('trial.empty')} />
      ) : (
        <Sheet data={data} />
      )}
    </>
  )
}

function Balanced({ balanced }: { balanced: boolean }) {
  const { t } = useTranslation()
  return (
    <span
      className={balanced ? 'light light-small light-good' : 'light light-small light-bad'}
      role="status"
      data-testid="balanced"
    >
      {balanced ? <CheckCircleFilled aria-hidden /> : <CloseCircleFilled aria-hidden />}{' '}
      {t(balanced ? 'trial.balanced' : 'trial.unbalanced')}
    </span>
  )
}

function Sheet({ data }: { data: Answer }) {
  const { t } = useTranslation()
  // Zeros are left blank, so that the other side is easy to see.
  const cell = (amount: string) =>
    /^-?0+(\.0+)?$/.test(amount) ? (
      <span className="muted">–</span>
    ) : (
      <Amount value={{ amount, currency: data.currency }} currency={false} />
    )
  return (
    <table className="ledger ledger-page trial" data-testid="trial-balance">
      <caption className="sr">
        {t('menu.trialBalance')} {data.date}
      </caption>
      <thead>
        <tr>
          <th scope="col" rowSpan={2}>
            {t('gl.code')}
          </th>
          <th scope="col" rowSpan={2}>
            {t('gl.name')}
          </th>
          <th scope="colgroup" colSpan={2} className="group">
            {t('trial.opening')}
          </th>
          <th scope="colgroup" colSpan={2} className="group">
            {t('trial.turnover')}
          </th>
          <th scope="colgroup" colSpan={2} className="group">
            {t('trial.closing')}
          </th>
        </tr>
        <tr>
          {trialColumns.map((c) => (
            <th key={c} scope="col" className="num">
              {t(/debit/i.test(c) ? 'side.debit' : 'side.credit')}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {data.rows.map((row) => (
          <tr key={row.code}>
            <td>
              <Link className="mono" to={`/ledger/journals?account=${row.code}`}>
                {row.code}
              </Link>
            </td>
            <td>
              <Words of={row.name} /> <span className="muted small">{t(`glClass.${row.class}`)}</span>
            </td>
            {trialColumns.map((c) => (
              <td key={c} className="num">
                {cell(row[c])}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr data-testid="trial-totals">
          <th scope="row" colSpan={2}>
            {t('journal.total')}
          </th>
          {trialColumns.map((c) => (
            <td key={c} className="num">
              {cell(data.totals[c])}
            </td>
          ))}
        </tr>
      </tfoot>
    </table>
  )
}
