// Overview of the bank: counts, customers' money against the reserve, payments, outbox, the last day.

import { CheckCircleFilled, CloseCircleFilled, WarningFilled } from '@ant-design/icons'
import { Button, Segmented } from 'antd'
import { lazy, Suspense, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { digitsOf, formatMinor, minorOf } from '../../../shared/money.ts'
import { useAnswer } from '../api/client'
import type { Dashboard as Answer } from '../api/types'
import { formatCount, formatSpan } from '../format'
import { useStaff } from '../layout/shell'
import { Amount } from '../parts/amount'
import { Day, Instant, Loading, PageHead, Problem, Section, StateTag } from '../parts/bits'
import { ProposeCapital, ProposeFollowClock } from '../parts/propose'
import { may, mayOpen } from '../permissions'
import { usePrefs } from '../prefs'

const HourlyChart = lazy(() => import('../parts/hourly-chart'))

function Figure({
  label,
  children,
  note,
  to,
}: {
  label: string
  children: ReactNode
  note?: ReactNode
  to?: string | false
}) {
  return (
    <div className="figure">
      <div className="figure-label">{to ? <Link to={to}>{label}</Link> : label}</div>
      <div className="figure-value">{children}</div>
      {note && <div className="figure-note">{note}</div>}
    </div>
  )
}

export default function Dashboard() {
  const { t } = useTranslation()
  const answer = useAnswer('GET /v1/staff/dashboard', {}, { every: 15_000 })
  return (
    <>
      <PageHead
        title={t('dashboard.title')}
        note={
          answer.data && (
            <>
              {t('app.businessDate')} <Day date={answer.data.businessDate} />
            </>
          )
        }
      />
      {answer.data ? (
        <Board data={answer.data} />
      ) : answer.error ? (
        <Problem error={answer.error} retry={() => void answer.refetch()} />
      ) : (
        <Loading rows={10} />
      )}
    </>
  )
}

function Board({ data }: { data: Answer }) {
  const { t } = useTranslation()
  const { lang } = usePrefs()
  const staff = useStaff()
  const count = (n: number) => formatCount(n, lang)
  return (
    <>
      <div className="figures">
        <Figure
          label={t('dashboard.customers')}
          to={mayOpen(staff, 'customers') && '/customers'}
          note={t('dashboard.customersNote', {
            active: count(data.customers.active),
            today: count(data.customers.newToday),
          })}
        >
          {count(data.customers.total)}
        </Figure>
        <Figure label={t('dashboard.accounts')} note={t('dashboard.accountsNote')}>
          {count(data.accounts.total)}
        </Figure>
        <Figure
          label={t('dashboard.paymentsToday')}
          to={mayOpen(staff, 'payments') && '/payments'}
          note={<Amount value={data.payments.today.amount} />}
        >
          {count(data.payments.today.count)}
        </Figure>
        <Outbox data={data} link={mayOpen(staff, 'operations')} />
      </div>
      <Health data={data} />
      <div className="board">
        <Reserve data={data} />
        <ByStatus data={data} link={mayOpen(staff, 'payments')} />
      </div>
      <Hourly data={data} />
    </>
  )
}

// One line with a link for each problem that needs staff; without any, one line that all is well.
function Health({ data }: { data: Answer }) {
  const { t } = useTranslation()
  const { lang } = usePrefs()
  const staff = useStaff()
  const [following, setFollowing] = useState(false)
  const { health } = data
  const operates = mayOpen(staff, 'operations')
  const proposes = may(staff, 'proposeChanges')
  const span = formatSpan(health.clockAheadSeconds, lang)
  const ahead = t(health.clockAheadSeconds < 0 ? 'clock.behind' : 'clock.ahead', { span })
  const isFine =
    health.clock === 'steady' &&
    health.unfinishedDates === 0 &&
    health.reserveShortages.length === 0 &&
    health.failedJobs.length === 0
  return (
    <Section title={t('health.title')} id="health">
      <ul className="health">
        {isFine && (
          <HealthLine fine name="fine">
            {t('health.fine')}
          </HealthLine>
        )}
        {health.reserveShortages.map(({ shortage }) => (
          <HealthLine key={shortage.currency} name="reserve">
            {t('health.reserve')} <Amount value={shortage} />
          </HealthLine>
        ))}
        {health.clock !== 'steady' && (
          <HealthLine
            name="clock"
            action={
              proposes &&
              may(staff, 'runEndOfDay') && (
                <Button size="small" onClick={() => setFollowing(true)} data-testid="clock-propose">
                  {t('clock.follow')}
                </Button>
              )
            }
          >
            {t(`health.clock.${health.clock}`, { ahead })}
          </HealthLine>
        )}
        {health.unfinishedDates > 0 && (
          <HealthLine
            name="dates"
            action={operates && <Link to="/operations/end-of-day">{t('menu.endOfDay')}</Link>}
          >
            {t('health.dates', { count: health.unfinishedDates })} <Day date={health.oldestUnfinishedDate ?? ''} />
            {health.endOfDayError && <span className="mono small"> {health.endOfDayError}</span>}
          </HealthLine>
        )}
        {health.failedJobs.map(({ job, error }) => (
          <HealthLine key={job} name="job" action={operates && <Link to="/operations/jobs">{t('menu.jobs')}</Link>}>
            {t('health.job', { job: t(`jobName.${job}`, { defaultValue: job }) })}{' '}
            <span className="mono small">{error}</span>
          </HealthLine>
        ))}
      </ul>
      {following && <ProposeFollowClock ahead={ahead} onClose={() => setFollowing(false)} />}
    </Section>
  )
}

function HealthLine({
  name,
  fine = false,
  action,
  children,
}: {
  name: string
  fine?: boolean
  action?: ReactNode
  children: ReactNode
}) {
  return (
    <li className={fine ? 'good' : 'bad'} data-testid={`health-${name}`}>
      {fine ? <CheckCircleFilled aria-hidden /> : <WarningFilled aria-hidden />}
      <span className="health-text">{children}</span>
      {action}
    </li>
  )
}

function Outbox({ data, link }: { data: Answer; link: boolean }) {
  const { t } = useTranslation()
  const { lang } = usePrefs()
  const { due, dead } = data.outbox
  return (
    <Figure
      label={t('dashboard.outbox')}
      to={link && (dead > 0 ? '/operations/outbox?state=dead' : '/operations/outbox')}
      note={
        dead > 0 ? (
          <span className="bad">
            <WarningFilled aria-hidden /> {t('dashboard.outboxDead', { count: dead })}
          </span>
        ) : (
          <span className="good">
            <CheckCircleFilled aria-hidden /> {t('dashboard.outboxFine')}
          </span>
        )
      }
    >
      {formatCount(due, lang)} <span className="figure-unit">{t('dashboard.outboxDue')}</span>
    </Figure>
  )
}

// Green if the reserve plus the unsettled clearing balance covers customers' money.
function Reserve({ data }: { data: Answer }) {
  const { t } = useTranslation()
  const staff = useStaff()
  const [paying, setPaying] = useState(false)
  const difference = minorOf(data.reserve) + minorOf(data.inClearing) - minorOf(data.customerFunds)
  const covered = difference >= 0n
  const currency = data.reserve.currency
  return (
    <Section
      title={t('dashboard.reserve')}
      id="reserve"
      extra={
        may(staff, 'proposeChanges') &&
        may(staff, 'changeParameters') && (
          <Button size="small" onClick={() => setPaying(true)} data-testid="capital-propose">
            {t('capital.payIn')}
          </Button>
        )
      }
    >
      {paying && <ProposeCapital capital={data.capital} onClose={() => setPaying(false)} />}
      <div className={covered ? 'light light-good' : 'light light-bad'} role="status" data-testid="reserve-light">
        {covered ? <CheckCircleFilled aria-hidden /> : <CloseCircleFilled aria-hidden />}
        <span>
          {t(
            covered
              ? difference === 0n
                ? 'dashboard.reserveEqual'
                : 'dashboard.reserveCovered'
              : 'dashboard.reserveShort',
          )}
        </span>
      </div>
      <dl className="sums">
        <div>
          <dt>{t('dashboard.reserveHeld')}</dt>
          <dd>
            <Amount value={data.reserve} />
          </dd>
        </div>
        <div className="part muted">
          <dt>{t('dashboard.capital')}</dt>
          <dd data-testid="capital">
            <Amount value={data.capital} />
          </dd>
        </div>
        <div>
          <dt>{t('dashboard.inClearing')}</dt>
          <dd>
            <Amount value={data.inClearing} />
          </dd>
        </div>
        <div>
          <dt>{t('dashboard.customerFunds')}</dt>
          <dd>
            <Amount value={data.customerFunds} />
          </dd>
        </div>
        <div className="sum">
          <dt>{t('dashboard.difference')}</dt>
          <dd>
            <Amount value={{ amount: formatMinor(difference, digitsOf(currency)), currency }} />
          </dd>
        </div>
      </dl>
      <p className="muted">{t('dashboard.reserveNote')}</p>
    </Section>
  )
}

function ByStatus({ data, link }: { data: Answer; link: boolean }) {
  const { t } = useTranslation()
  const { lang } = usePrefs()
  // "Received" lasts only moments; it is shown only if there are any.
  const rows = (['RCVD', 'ACSC', 'PDNG', 'RJCT'] as const)
    .map((status) => ({ status, count: data.payments.byStatus[status] ?? 0 }))
    .filter(({ status, count }) => status !== 'RCVD' || count > 0)
  const all = Math.max(
    1,
    rows.reduce((sum, row) => sum + row.count, 0),
  )
  return (
    <Section title={t('dashboard.byStatus')}>
      <ul className="bars">
        {rows.map(({ status, count }) => (
          <li key={status}>
            <StateTag group="paymentStatus" state={status} />
            <span className="bar" aria-hidden>
              {count > 0 && <span className={`bar-fill bar-${status}`} style={{ width: `${(count / all) * 100}%` }} />}
            </span>
            <span className="digits bar-count">
              {link ? (
                <Link to={`/payments?status=${status}`} aria-label={`${t(`paymentStatus.${status}`)} ${count}`}>
                  {formatCount(count, lang)}
                </Link>
              ) : (
                formatCount(count, lang)
              )}
            </span>
          </li>
        ))}
      </ul>
      {link && <p className="muted" data-testid="status-note">{t('dashboard.byStatusNote')}</p>}
    </Section>
  )
}

function Hourly({ data }: { data: Answer }) {
  const { t } = useTranslation()
  const { lang } = usePrefs()
  const [view, setView] = useState<'chart' | 'table'>('chart')
  const options = [
    { value: 'chart', label: t('dashboard.chart') },
    { value: 'table', label: t('dashboard.table') },
  ]
  return (
    <Section
      title={t('dashboard.hourly')}
      extra={
        <Segmented
          options={options}
          value={view}
          onChange={(v) => setView(v as 'chart' | 'table')}
          aria-label={t('dashboard.view')}
          data-testid="hourly-view"
        />
      }
    >
      {view === 'chart' ? (
        <Suspense fallback={<Loading rows={5} />}>
          <HourlyChart hours={data.hourly} />
        </Suspense>
      ) : (
        <div className="ledger-scroll ledger-tall" tabIndex={0} role="group" aria-label={t('dashboard.hourly')}>
          <table className="ledger">
            <thead>
              <tr>
                <th scope="col">{t('dashboard.hour')}</th>
                <th scope="col" className="num">
                  {t('dashboard.count')}
                </th>
                <th scope="col" className="num">
                  {t('dashboard.amount')}
                </th>
              </tr>
            </thead>
            <tbody>
              {data.hourly.map((h) => (
                <tr key={h.hour}>
                  <td>
                    <Instant at={h.hour} />
                  </td>
                  <td className="num digits">{formatCount(h.count, lang)}</td>
                  <td className="num">
                    <Amount value={h.amount} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  )
}
