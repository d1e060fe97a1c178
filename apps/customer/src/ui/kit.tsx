import { Button, Skeleton } from 'antd-mobile'
import { LeftOutline, RightOutline } from 'antd-mobile-icons'
import {
  useEffect,
  useId,
  useRef,
  useState,
  type ComponentProps,
  type FormEvent,
  type InputHTMLAttributes,
  type ReactNode,
} from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useNavigate } from 'react-router'
import { problemOf, type Problem } from '../../../shared/problem.ts'

/** One screen: a heading that receives the focus, a back link, and the content. */
export function Page(props: {
  title: string
  back?: string
  aside?: ReactNode
  children: ReactNode
  testId: string
}) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  useTitle(props.title)
  const heading = useHeadingFocus()
  const goBack = () =>
    window.history.state?.idx > 0 ? navigate(-1) : navigate(props.back ?? '/', { replace: true })
  return (
    <main className="page" data-testid={props.testId}>
      <header className="bar">
        {props.back !== undefined && (
          <button
            type="button"
            className="icon-button"
            aria-label={t('common.back')}
            onClick={goBack}
            data-testid="back"
          >
            <LeftOutline aria-hidden />
          </button>
        )}
        <h1 ref={heading} tabIndex={-1}>
          {props.title}
        </h1>
        <div className="bar-aside">{props.aside}</div>
      </header>
      {props.children}
    </main>
  )
}

let opened = false

/**
 * After a change of page the focus moves to the heading, as on a page load; the first page, and a page that
 * focuses a field, are left as they are.
 */
function useHeadingFocus() {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (opened && !(document.activeElement instanceof HTMLInputElement)) {
      heading.current?.focus({ preventScroll: true })
    }
    opened = true
  }, [])
  return heading
}

export function useTitle(title: string) {
  useEffect(() => {
    document.title = title === 'Sycee' ? title : `${title} · Sycee`
  }, [title])
}

export function Section(props: {
  title?: string
  more?: ReactNode
  children: ReactNode
  testId?: string
  flush?: boolean
}) {
  return (
    <section className="section" data-testid={props.testId}>
      {props.title && (
        <div className="section-head">
          <h2>{props.title}</h2>
          {props.more}
        </div>
      )}
      <div className={props.flush ? 'card flush' : 'card'}>{props.children}</div>
    </section>
  )
}

/** A row with a target or an action: a link or a button, never a bare div. */
export function Row(props: {
  icon?: ReactNode
  title: ReactNode
  note?: ReactNode
  aside?: ReactNode
  to?: string
  onClick?: () => void
  testId: string
  label?: string
}) {
  const inside = (
    <>
      {props.icon && (
        <span className="row-icon" aria-hidden>
          {props.icon}
        </span>
      )}
      <span className="row-text">
        <span className="row-title">{props.title}</span>
        {props.note && <span className="row-note">{props.note}</span>}
      </span>
      {props.aside && <span className="row-aside">{props.aside}</span>}
      {(props.to ?? props.onClick) && <RightOutline className="row-arrow" aria-hidden />}
    </>
  )
  const common = { className: 'row', 'data-testid': props.testId, 'aria-label': props.label }
  if (props.to?.startsWith('/') && !props.to.startsWith('//')) {
    return (
      <Link to={props.to} {...common}>
        {inside}
      </Link>
    )
  }
  if (props.onClick) {
    return (
      <button type="button" onClick={props.onClick} {...common}>
        {inside}
      </button>
    )
  }
  return <div {...common}>{inside}</div>
}

interface FieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'value'> {
  label: string
  value: string
  onValue: (value: string) => void
  fault?: string | undefined
  hint?: ReactNode
  testId: string
  after?: ReactNode
}

/** A labelled text field with its hint and its error. */
export function Field({ label, value, onValue, fault, hint, testId, after, ...rest }: FieldProps) {
  const id = useId()
  const described =
    [fault && `${id}-fault`, hint && `${id}-hint`].filter(Boolean).join(' ') || undefined
  return (
    <div className={fault ? 'field wrong' : 'field'}>
      <label htmlFor={id}>{label}</label>
      <div className="field-box">
        <input
          id={id}
          value={value}
          onChange={(event) => onValue(event.target.value)}
          aria-invalid={fault ? true : undefined}
          aria-describedby={described}
          data-testid={testId}
          {...rest}
        />
        {after}
      </div>
      {fault && (
        <p className="field-fault" id={`${id}-fault`} role="alert" data-testid={`${testId}-fault`}>
          {fault}
        </p>
      )}
      {hint && (
        <p className="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  )
}

/** Digits in cells over one real input, so that paste, one-time-code fill and screen readers work. */
export function CodeField(props: {
  label: string
  value: string
  onValue: (value: string) => void
  onFull?: (value: string) => void
  length?: number
  secret?: boolean
  fault?: string | undefined
  testId: string
  autoFocus?: boolean
  disabled?: boolean
  oneTime?: boolean
}) {
  const id = useId()
  const length = props.length ?? 6
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (props.autoFocus) input.current?.focus()
  }, [props.autoFocus])
  const change = (text: string) => {
    const digits = text.normalize('NFKC').replace(/\D/g, '').slice(0, length)
    props.onValue(digits)
    if (digits.length === length && digits !== props.value) props.onFull?.(digits)
  }
  return (
    <div className={props.fault ? 'code wrong' : 'code'}>
      <label htmlFor={id}>{props.label}</label>
      <div className="code-cells">
        {Array.from({ length }, (_, at) => (
          <span
            key={at}
            aria-hidden
            className={
              at === Math.min(props.value.length, length - 1) ? 'code-cell next' : 'code-cell'
            }
          >
            {at < props.value.length &&
              (props.secret ? <i className="code-dot" /> : props.value[at])}
          </span>
        ))}
        <input
          id={id}
          ref={input}
          value={props.value}
          onChange={(event) => change(event.target.value)}
          inputMode="numeric"
          type={props.secret ? 'password' : 'text'}
          autoComplete={props.oneTime ? 'one-time-code' : 'off'}
          disabled={props.disabled}
          aria-invalid={props.fault ? true : undefined}
          aria-describedby={props.fault ? `${id}-fault` : undefined}
          data-testid={props.testId}
        />
      </div>
      {props.fault && (
        <p
          className="field-fault"
          id={`${id}-fault`}
          role="alert"
          data-testid={`${props.testId}-fault`}
        >
          {props.fault}
        </p>
      )}
    </div>
  )
}

/** An error with the bank's text and the reference for the bank's staff. */
export function ProblemNote(props: { problem: unknown; lead?: string; retry?: () => void }) {
  const { t } = useTranslation()
  const problem = problemOf(props.problem)
  return (
    <div className="note bad" role="alert" data-testid="problem" data-slug={problem.slug}>
      {props.lead && <p className="note-lead">{props.lead}</p>}
      <p>{problemText(problem, t)}</p>
      {problem.reference && (
        <p className="note-reference">
          {t('problem.reference')}: <span data-testid="problem-reference">{problem.reference}</span>
        </p>
      )}
      {props.retry && (
        <Button size="small" onClick={props.retry} data-testid="problem-retry">
          {t('common.tryAgain')}
        </Button>
      )}
    </div>
  )
}

export function problemText(problem: Problem, t: (key: string) => string): string {
  if (problem.detail || problem.title) return problem.detail || problem.title
  return t(
    ['network', 'time-out'].includes(problem.slug)
      ? `problem.${problem.slug}`
      : 'problem.unreadable',
  )
}

export function Note(props: {
  kind: 'info' | 'good' | 'wait' | 'bad'
  children: ReactNode
  testId?: string
}) {
  return (
    <div className={`note ${props.kind}`} role="status" data-testid={props.testId}>
      {props.children}
    </div>
  )
}

/** A sheet from the bottom: the browser's own dialog, so focus and Escape behave. */
export function Sheet(props: {
  open: boolean
  title: string
  onClose: () => void
  children: ReactNode
  testId: string
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const element = dialog.current
    if (props.open && element && !element.open) element.showModal()
    if (!props.open && element?.open) element.close()
  }, [props.open])
  if (!props.open) return null
  return (
    <dialog
      ref={dialog}
      className="sheet"
      aria-labelledby={id}
      data-testid={props.testId}
      onCancel={(event) => {
        event.preventDefault()
        props.onClose()
      }}
      onClick={(event) => {
        if (event.target === dialog.current) props.onClose()
      }}
    >
      <div className="sheet-body">
        <h2 id={id}>{props.title}</h2>
        {props.children}
      </div>
    </dialog>
  )
}

/** Confirmation before an action that cannot be undone. */
export function Confirm(props: {
  open: boolean
  title: string
  text: ReactNode
  action: string
  busy?: boolean
  danger?: boolean
  problem?: unknown
  onClose: () => void
  onConfirm: () => void
  testId: string
}) {
  const { t } = useTranslation()
  return (
    <Sheet open={props.open} title={props.title} onClose={props.onClose} testId={props.testId}>
      <p className="sheet-text">{props.text}</p>
      {props.problem !== undefined && props.problem !== null && (
        <ProblemNote problem={props.problem} />
      )}
      <div className="sheet-actions">
        <Button block size="large" onClick={props.onClose} data-testid="confirm-cancel">
          {t('common.cancel')}
        </Button>
        <Button
          block
          size="large"
          color={props.danger ? 'danger' : 'primary'}
          loading={props.busy ?? false}
          onClick={props.onConfirm}
          data-testid="confirm-yes"
        >
          {props.action}
        </Button>
      </div>
    </Sheet>
  )
}

export function Form(props: { onSubmit: () => void; children: ReactNode; testId?: string }) {
  const submit = (event: FormEvent) => {
    event.preventDefault()
    props.onSubmit()
  }
  return (
    <form onSubmit={submit} noValidate data-testid={props.testId}>
      {props.children}
    </form>
  )
}

export function MainButton(props: ComponentProps<typeof Button> & { 'data-testid': string }) {
  return <Button block color="primary" size="large" shape="default" {...props} />
}

/** Named details of a payment, a card, a person. */
export function Facts(props: { items: [label: string, value: ReactNode][]; testId?: string }) {
  return (
    <dl className="facts" data-testid={props.testId}>
      {props.items
        .filter(([, value]) => value !== undefined && value !== null && value !== false && value !== '')
        .map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  )
}

export function Choice<Value extends string>(props: {
  label: string
  value: Value
  options: { value: Value; text: string }[]
  onValue: (value: Value) => void
  testId: string
}) {
  const name = useId()
  return (
    <fieldset className="choice" data-testid={props.testId}>
      <legend>{props.label}</legend>
      <div className="choice-options">
        {props.options.map((option) => (
          <label key={option.value} className={option.value === props.value ? 'chosen' : ''}>
            <input
              type="radio"
              name={name}
              checked={option.value === props.value}
              onChange={() => props.onValue(option.value)}
              data-testid={`${props.testId}-${option.value || 'any'}`}
            />
            {option.text}
          </label>
        ))}
      </div>
    </fieldset>
  )
}

export function Waiting(props: { lines?: number }) {
  const { t } = useTranslation()
  return (
    <div className="waiting" aria-busy="true">
      <span className="only-read" role="status">
        {t('common.loading')}
      </span>
      <Skeleton.Paragraph animated lineCount={props.lines ?? 4} aria-hidden />
    </div>
  )
}

export function Empty(props: { icon: ReactNode; text: string; testId?: string }) {
  return (
    <div className="empty" data-testid={props.testId}>
      <span aria-hidden>{props.icon}</span>
      <p>{props.text}</p>
    </div>
  )
}

export function Bar(props: { percent: number; label: string }) {
  return (
    <div
      className={props.percent >= 90 ? 'meter full' : 'meter'}
      role="progressbar"
      aria-label={props.label}
      aria-valuenow={props.percent}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      <svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden>
        <rect width={props.percent} height="1" />
      </svg>
    </div>
  )
}

/** Seconds from now to an instant, counted down to 0. */
export function useSecondsTo(instant: string | undefined): number {
  const [, tick] = useState(0)
  const left = instant ? Math.max(0, Math.round((Date.parse(instant) - Date.now()) / 1000)) : 0
  useEffect(() => {
    if (left === 0) return
    const timer = setInterval(() => tick((count) => count + 1), 500)
    return () => clearInterval(timer)
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [left === 0, instant])
  return left
}
