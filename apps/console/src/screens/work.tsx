// Open work: the queues that the user's roles allow.

import { WarningFilled } from '@ant-design/icons'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { useAnswer } from '../api/client'
import type { WorkQueue } from '../api/types'
import { formatCount } from '../format'
import { Instant, Loading, Nothing, PageHead, Problem } from '../parts/bits'
import { usePrefs } from '../prefs'

const places: Record<WorkQueue['queue'], string | null> = {
  identityCases: '/cases?state=open',
  companyCases: '/companies?state=review',
  changes: '/changes?state=proposed',
  securityAlerts: null,
  paymentAlerts: '/payment-alerts?state=open',
}

export default function Work() {
  const { t } = useTranslation()
  const answer = useAnswer('GET /v1/staff/work', {}, { every: 15_000 })
  return (
    <>
      <PageHead title={t('menu.work')} note={t('work.note')} />
      {answer.data ? (
        answer.data.queues.length > 0 ? (
          <div className="figures">
            {answer.data.queues.map((queue) => (
              <Queue key={queue.queue} queue={queue} />
            ))}
          </div>
        ) : (
          <Nothing text={t('work.none')} />
        )
      ) : answer.error ? (
        <Problem error={answer.error} retry={() => void answer.refetch()} />
      ) : (
        <Loading />
      )}
    </>
  )
}

function Queue({ queue }: { queue: WorkQueue }) {
  const { t } = useTranslation()
  const { lang } = usePrefs()
  const name = t(`queue.${queue.queue}`)
  const place = places[queue.queue]
  return (
    <div className="figure" data-testid={`queue-${queue.queue}`}>
      <div className="figure-label">{place ? <Link to={place}>{name}</Link> : name}</div>
      <div className="figure-value">
        {formatCount(queue.open, lang)} <span className="figure-unit">{t('work.open')}</span>
      </div>
      <div className="figure-note">
        {queue.overdue > 0 ? (
          <span className="bad">
            <WarningFilled aria-hidden /> {t('work.overdue', { count: queue.overdue })}
          </span>
        ) : (
          t('work.inTime')
        )}
        {' · '}
        {t('work.mine', { count: queue.mine })}
      </div>
      {queue.oldestAt && (
        <div className="figure-note">
          {t('work.oldest')} <Instant at={queue.oldestAt} />
        </div>
      )}
    </div>
  )
}
