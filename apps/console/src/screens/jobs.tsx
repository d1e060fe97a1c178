// The bank's jobs: last run, its result, next run.

import { CheckCircleFilled, CloseCircleFilled } from '@ant-design/icons'
import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { useAnswer } from '../api/client'
import type { Job } from '../api/types'
import { Instant, PageHead } from '../parts/bits'
import { DataTable, type Column } from '../parts/table'

// The bank's three forms of a schedule, translated; any other is shown unchanged.
function scheduleIn(schedule: string, t: TFunction): string {
  const [, seconds] = /^every ([\d.]+) s$/.exec(schedule) ?? []
  if (seconds) return t('job.everySeconds', { seconds })
  if (schedule === 'every second') return t('job.everySecond')
  if (schedule === 'every minute') return t('job.everyMinute')
  return schedule === 'when the day has ended' ? t('job.afterTheDay') : schedule
}

function Result({ result }: { result: string | null | undefined }) {
  const { t } = useTranslation()
  if (!result) return <span className="muted">{t('job.never')}</span>
  return result === 'ok' || result === 'done' ? (
    <span className="good">
      <CheckCircleFilled aria-hidden /> {t('job.ok')}
    </span>
  ) : (
    <span className="bad">
      <CloseCircleFilled aria-hidden /> {result}
    </span>
  )
}

export default function Jobs() {
  const { t } = useTranslation()
  const answer = useAnswer('GET /v1/staff/jobs', {}, { every: 5_000 })
  const columns: Column<Job>[] = [
    {
      key: 'job',
      title: t('job.job'),
      fixedChoice: true,
      render: (_, j) => (
        <>
          <strong>{t(`jobName.${j.job}`, { defaultValue: j.job })}</strong>
          <div className="muted mono small">{j.job}</div>
        </>
      ),
    },
    { key: 'schedule', title: t('job.schedule'), render: (_, j) => scheduleIn(j.schedule, t) },
    { key: 'last', title: t('job.lastRunAt'), render: (_, j) => <Instant at={j.lastRunAt} /> },
    { key: 'result', title: t('job.lastResult'), render: (_, j) => <Result result={j.lastResult} /> },
    { key: 'next', title: t('job.nextRunAt'), render: (_, j) => <Instant at={j.nextRunAt} /> },
    {
      key: 'runCount',
      title: t('job.runCount'),
      align: 'right',
      render: (_, j) => <span className="digits">{j.runCount ?? '—'}</span>,
    },
  ]
  return (
    <>
      <PageHead title={t('menu.jobs')} note={t('job.note')} />
      <DataTable
        id="jobs"
        label={t('menu.jobs')}
        columns={columns}
        rowKey={(j) => j.job}
        rows={{
          items: answer.data?.items,
          error: answer.error,
          loading: answer.isLoading,
          refetch: () => void answer.refetch(),
        }}
      />
    </>
  )
}
