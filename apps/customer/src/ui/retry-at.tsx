import { useTranslation } from 'react-i18next'
import { showInstant, showTime } from '../../../shared/format.ts'
import type { Problem } from '../../../shared/problem.ts'
import { tag } from './money.tsx'

/** Time of the next possible attempt, if the bank sent it. */
export function RetryAt(props: { problem?: Problem | null; at?: string | null | undefined }) {
  const { t } = useTranslation()
  const after = props.problem?.number('retryAfter')
  const at =
    props.at ??
    (typeof props.problem?.body.retryAt === 'string' ? props.problem.body.retryAt : null) ??
    (after === undefined ? null : new Date(Date.now() + after * 1000).toISOString())
  if (!at || Date.parse(at) <= Date.now()) return null
  const soon = Date.parse(at) - Date.now() < 12 * 3_600_000
  return (
    <p className="lead" data-testid="retry-at">
      {t('attempts.again', { time: soon ? showTime(at, tag()) : showInstant(at, tag()) })}
    </p>
  )
}
