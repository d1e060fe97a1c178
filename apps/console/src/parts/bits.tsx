// Small pieces that every screen uses: page heading, state tags, instants, ids, hashes, problems.

import { CopyOutlined } from '@ant-design/icons'
import { Alert, App, Button, Empty, Result, Skeleton, Tooltip } from 'antd'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { problemOf } from '../../../shared/problem.ts'
import type { Text } from '../api/types'
import { formatDate, formatInstant } from '../format'
import { usePrefs } from '../prefs'

export function PageHead({ title, children, note }: { title: ReactNode; children?: ReactNode; note?: ReactNode }) {
  return (
    <div className="page-head">
      <div>
        <h1>{title}</h1>
        {note && <p className="page-note">{note}</p>}
      </div>
      {children && <div className="page-actions">{children}</div>}
    </div>
  )
}

export function Words({ of }: { of: Text | string | null | undefined }) {
  const { lang } = usePrefs()
  if (!of) return null
  return <>{typeof of === 'string' ? of : of[lang]}</>
}

export function Instant({ at }: { at: string | null | undefined }) {
  const { lang } = usePrefs()
  if (!at) return <span className="muted">—</span>
  return (
    <Tooltip title={at}>
      <time className="digits" dateTime={at}>
        {formatInstant(at, lang)}
      </time>
    </Tooltip>
  )
}

export function Day({ date }: { date: string | null | undefined }) {
  const { lang } = usePrefs()
  if (!date) return <span className="muted">—</span>
  return (
    <time className="digits" dateTime={date}>
      {formatDate(date, lang)}
    </time>
  )
}

const tones: Record<string, 'good' | 'warn' | 'bad' | 'busy'> = {
  ACSC: 'good',
  PDNG: 'warn',
  RJCT: 'bad',
  RCVD: 'busy',
  active: 'good',
  onboarding: 'busy',
  suspended: 'warn',
  frozen: 'warn',
  locked: 'warn',
  bound: 'good',
  passed: 'good',
  failed: 'bad',
  unavailable: 'warn',
  done: 'good',
  running: 'busy',
  yes: 'good',
  approved: 'good',
  refused: 'bad',
  proposed: 'busy',
  open: 'busy',
  review: 'busy',
  claimed: 'warn',
  second: 'warn',
  unsure: 'warn',
  accept: 'good',
  refuse: 'bad',
}

// A state as a word; the colour adds nothing.
export function StateTag({ group, state }: { group: string; state: string }) {
  const { t } = useTranslation()
  return (
    <span className={`tag tag-${tones[state] ?? 'plain'}`} data-state={state}>
      {t(`${group}.${state}`, { defaultValue: state })}
    </span>
  )
}

export function Mono({ children, copy, short }: { children: string; copy?: boolean; short?: number }) {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const shown = short && children.length > short ? `${children.slice(0, short)}…` : children
  const text =
    shown === children ? (
      <span className="mono">{shown}</span>
    ) : (
      <Tooltip title={<span className="mono wrap">{children}</span>}>
        <span className="mono">{shown}</span>
      </Tooltip>
    )
  if (!copy) return text
  const put = () =>
    navigator.clipboard.writeText(children).then(
      () => message.success(t('common.copied')),
      () => message.error(t('common.copyFailed')),
    )
  return (
    <span className="copyable">
      {text}
      <Button
        type="text"
        size="small"
        icon={<CopyOutlined />}
        aria-label={t('common.copyOf', { what: children.slice(0, 20) })}
        onClick={() => void put()}
      />
    </span>
  )
}

export function IdLink({ to, id, plain }: { to: string; id: string; plain?: boolean }) {
  return (
    <Link to={to} className={plain ? undefined : 'mono'}>
      {id}
    </Link>
  )
}

// An error with the bank's text, its reference and a button to try again.
export function Problem({ error, retry, inline }: { error: unknown; retry?: () => void; inline?: boolean }) {
  const { t } = useTranslation()
  const problem = problemOf(error)
  const title =
    problem.detail || problem.title || t(`problem.${problem.slug}`, { defaultValue: t('problem.unreadable') })
  const again = retry && (
    <Button onClick={retry} data-testid="retry">
      {t('common.retry')}
    </Button>
  )
  const reference = problem.reference !== '' && (
    <span className="muted">
      {t('problem.reference')} <span className="mono">{problem.reference}</span>
    </span>
  )
  if (inline) {
    return <Alert type="error" showIcon title={title} description={reference} action={again} data-testid="problem" />
  }
  const status = problem.status === 403 ? '403' : problem.status === 404 ? '404' : 'error'
  return (
    <div data-testid="problem" role="alert">
      {status === 'error' ? (
        <Alert type="error" showIcon title={title} description={reference} action={again} />
      ) : (
        <Result status={status} title={title} subTitle={reference} extra={again} />
      )}
    </div>
  )
}

export function Loading({ rows = 6 }: { rows?: number }) {
  const { t } = useTranslation()
  return (
    <div role="status" aria-label={t('common.loading')}>
      <Skeleton active paragraph={{ rows }} />
    </div>
  )
}

export function Nothing({ text }: { text: string }) {
  return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={text} data-testid="empty" />
}

// Shown for an unknown screen, or one that the user's roles do not allow.
export function Refused({ missing }: { missing?: boolean }) {
  const { t } = useTranslation()
  return (
    <Result
      status={missing ? '404' : '403'}
      title={t(missing ? 'common.noScreen' : 'common.notAllowed')}
      extra={<Link to="/">{t('common.toDashboard')}</Link>}
    />
  )
}

export function Section({
  title,
  extra,
  children,
  id,
}: {
  title: ReactNode
  extra?: ReactNode
  children: ReactNode
  id?: string
}) {
  return (
    <section className="section" data-testid={id}>
      <div className="section-head">
        <h2>{title}</h2>
        {extra}
      </div>
      {children}
    </section>
  )
}

// Name and value pairs in columns.
export function Facts({ items }: { items: ([string, ReactNode] | false | null | undefined)[] }) {
  return (
    <dl className="facts">
      {items.map(
        (item) =>
          item && (
            <div key={item[0]}>
              <dt>{item[0]}</dt>
              <dd>{item[1]}</dd>
            </div>
          ),
      )}
    </dl>
  )
}
