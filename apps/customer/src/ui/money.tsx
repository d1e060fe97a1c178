import { TextDeletionOutline } from 'antd-mobile-icons'
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { PaymentStatus } from '../../../shared/api.ts'
import { currentLanguage, LANGUAGES } from '../../../shared/i18n.ts'
import {
  currencySign,
  digitsOf,
  editAmount,
  minorOf,
  showDecimal,
  showMoney,
  type Money,
} from '../../../shared/money.ts'

export function tag(): string {
  return LANGUAGES[currentLanguage()]
}

/** An amount with tabular digits; a hidden amount shows stars, to screen readers too. */
export function Amount(props: {
  money: Money
  hidden?: boolean
  size?: 'huge' | 'big'
  testId?: string
}) {
  const { t } = useTranslation()
  if (props.hidden) {
    return (
      <span className={`amount ${props.size ?? ''}`} data-testid={props.testId}>
        <span aria-hidden>****</span>
        <span className="only-read">{t('money.hidden')}</span>
      </span>
    )
  }
  const minor = minorOf(props.money)
  const digits = showDecimal(minor < 0n ? -minor : minor, digitsOf(props.money.currency), tag())
  return (
    <span className={`amount ${props.size ?? ''}`} data-testid={props.testId}>
      {minor < 0n && '−'}
      <span className="amount-sign">{currencySign(props.money.currency, tag())}</span>
      {digits}
    </span>
  )
}

/** In and out by sign, by word and by colour. */
export function Moved(props: { money: Money; direction: 'in' | 'out'; hidden?: boolean }) {
  const { t } = useTranslation()
  return (
    <span className={`moved ${props.direction}`}>
      {props.hidden ? (
        <Amount money={props.money} hidden />
      ) : (
        <span className="amount">
          {props.direction === 'in' ? '+' : '−'}
          {showMoney(props.money, tag())}
        </span>
      )}
      <span className="moved-word">{t(`money.${props.direction}`)}</span>
    </span>
  )
}

export function StatusTag(props: { status: PaymentStatus | string }) {
  const { t } = useTranslation()
  const kind = props.status === 'ACSC' ? 'good' : props.status === 'RJCT' ? 'bad' : 'wait'
  return (
    <span className={`tag ${kind}`} data-status={props.status}>
      {t(`status.${kind}`)}
    </span>
  )
}

/**
 * An amount with its own keypad. The input is a real one, for keyboards and screen readers; phones show no
 * second keyboard.
 */
export function AmountField(props: {
  label: string
  value: string
  onValue: (value: string) => void
  currency: string
  fault?: string | undefined
  hint?: string | undefined
  quick?: { text: string; value: string }[]
}) {
  const { t } = useTranslation()
  const id = useId()
  const digits = digitsOf(props.currency)
  // A comma that groups nothing is reported to the user before any other check.
  const fault = props.value.includes(',') ? t('money.comma') : props.fault
  const change = (text: string) => {
    const edited = editAmount(text, digits)
    if (edited !== null) props.onValue(edited)
  }
  const keys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '.', '0']
  return (
    <div className={fault ? 'amount-field wrong' : 'amount-field'}>
      <label htmlFor={id}>{props.label}</label>
      <div className="amount-box">
        <span aria-hidden>{currencySign(props.currency, tag())}</span>
        <input
          id={id}
          value={props.value}
          onChange={(event) => change(event.target.value)}
          inputMode="none"
          autoComplete="off"
          placeholder="0.00"
          aria-invalid={fault ? true : undefined}
          aria-describedby={`${id}-note`}
          data-testid="amount"
        />
      </div>
      <p
        id={`${id}-note`}
        className={fault ? 'field-fault' : 'field-hint'}
        role={fault ? 'alert' : undefined}
        data-testid={fault ? 'amount-fault' : 'amount-hint'}
      >
        {fault ?? props.hint ?? ''}
      </p>
      {props.quick && props.quick.length > 0 && (
        <div className="quick">
          {props.quick.map((one) => (
            <button
              key={one.text}
              type="button"
              onClick={() => props.onValue(one.value)}
              data-testid={`amount-quick-${one.value}`}
            >
              {one.text}
            </button>
          ))}
        </div>
      )}
      <div className="keypad" role="group" aria-label={t('money.keypad')}>
        {keys.map((key) => (
          <button
            key={key}
            type="button"
            onClick={() => change(props.value + key)}
            data-testid={`key-${key === '.' ? 'point' : key}`}
          >
            {key}
          </button>
        ))}
        <button
          type="button"
          aria-label={t('money.deleteDigit')}
          onClick={() => props.onValue(props.value.slice(0, -1))}
          data-testid="key-delete"
        >
          <TextDeletionOutline aria-hidden />
        </button>
      </div>
    </div>
  )
}
