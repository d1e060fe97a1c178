import { FileOutline } from 'antd-mobile-icons'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { bankDate, monthOf, showDate } from '../../../shared/format.ts'
import { currentLanguage } from '../../../shared/i18n.ts'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { download } from '../download.ts'
import { useAccount, useBank } from '../queries.ts'
import { Choice, Field, Form, MainButton, Page, ProblemNote, Section, Waiting } from '../ui/kit.tsx'
import { tag } from '../ui/money.tsx'

type Period = 'thisMonth' | 'lastMonth' | 'thisYear' | 'own'
type Format = 'pdf' | 'csv' | 'json'

export default function Statement() {
  const { t } = useTranslation()
  const { account, error, refetch } = useAccount()
  const today = useBank().data?.businessDate ?? bankDate(new Date())
  const [period, setPeriod] = useState<Period>('thisMonth')
  const [own, setOwn] = useState<{ from: string; to: string } | null>(null)
  const [format, setFormat] = useState<Format>('pdf')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const range = period === 'own' && own ? own : rangeOf(period, today)
  const backwards = range.from === '' || range.to === '' || range.from > range.to

  const choose = (next: Period) => {
    if (next === 'own') setOwn(range)
    setPeriod(next)
  }
  const change = (part: Partial<{ from: string; to: string }>) => {
    setOwn({ ...range, ...part })
    setPeriod('own')
  }
  const get = async () => {
    if (!account || backwards || busy) return
    setBusy(true)
    setProblem(null)
    try {
      const query = new URLSearchParams({ ...range, format, lang: currentLanguage() })
      const name = `sycee-${account.accountNumber.slice(-4)}-${range.from}-${range.to}.${format}`
      await download(`/v1/accounts/${account.accountId}/statement?${query}`, name)
    } catch (failed) {
      setProblem(problemOf(failed))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Page title={t('statement.title')} back="/" testId="statement">
      {error && <ProblemNote problem={error} retry={() => void refetch()} />}
      {!error && !account && <Waiting />}
      {account && (
        <Form onSubmit={() => void get()}>
          <Section>
            <Choice
              label={t('statement.period')}
              value={period}
              options={(['thisMonth', 'lastMonth', 'thisYear', 'own'] as const).map((value) => ({
                value,
                text: t(`statement.${value}`),
              }))}
              onValue={choose}
              testId="statement-period"
            />
            <div className="two-fields">
              <Field
                label={t('activity.from')}
                value={range.from}
                onValue={(from) => change({ from })}
                type="date"
                max={today}
                testId="statement-from"
              />
              <Field
                label={t('activity.to')}
                value={range.to}
                onValue={(to) => change({ to })}
                type="date"
                max={today}
                fault={backwards ? t('statement.backwards') : undefined}
                testId="statement-to"
              />
            </div>
            <Choice
              label={t('statement.format')}
              value={format}
              options={[
                { value: 'pdf', text: 'PDF' },
                { value: 'csv', text: 'CSV' },
                { value: 'json', text: 'JSON' },
              ]}
              onValue={setFormat}
              testId="statement-format"
            />
            <p className="field-hint">{t(`statement.${format}Note`)}</p>
          </Section>
          <Section>
            {!backwards && (
              <p className="lead with-icon">
                <FileOutline aria-hidden />{' '}
                {t('statement.range', {
                  from: showDate(range.from, tag()),
                  to: showDate(range.to, tag()),
                })}
              </p>
            )}
            {problem && <ProblemNote problem={problem} />}
            <MainButton
              type="submit"
              loading={busy}
              disabled={backwards}
              data-testid="statement-download"
            >
              {t('statement.download')}
            </MainButton>
          </Section>
        </Form>
      )}
    </Page>
  )
}

function rangeOf(period: Period, today: string): { from: string; to: string } {
  if (period === 'lastMonth') return monthOf(today, 1)
  if (period === 'thisYear') return { from: `${today.slice(0, 4)}-01-01`, to: today }
  return { from: monthOf(today).from, to: today }
}
