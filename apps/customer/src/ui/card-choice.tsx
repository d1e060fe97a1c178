import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { Card } from '../../../shared/api.ts'
import { currentLanguage, inLanguage } from '../../../shared/i18n.ts'
import { shortMask } from '../../../shared/identifiers.ts'

export function cardName(card: Pick<Card, 'issuer' | 'maskedPan'>): string {
  return `${inLanguage(card.issuer.name, currentLanguage())} ${lastFour(card.maskedPan)}`
}

export function lastFour(pan: string): string {
  return `(${pan.slice(-4)})`
}

/** Choice of a bound card: radio buttons that look like cards. */
export function CardChoice(props: {
  label: string
  cards: Card[]
  value: string
  onValue: (cardId: string) => void
}) {
  const { t } = useTranslation()
  if (props.cards.length === 0) {
    return (
      <p className="lead">
        {t('cards.none')}{' '}
        <Link to="/me/cards" data-testid="to-cards">
          {t('cards.title')}
        </Link>
      </p>
    )
  }
  return (
    <fieldset className="card-choice" data-testid="card-choice">
      <legend>{props.label}</legend>
      {props.cards.map((card) => (
        <label key={card.cardId} className={card.cardId === props.value ? 'chosen' : ''}>
          <input
            type="radio"
            name="card"
            checked={card.cardId === props.value}
            onChange={() => props.onValue(card.cardId)}
            data-testid={`card-${card.cardId}`}
          />
          <span className="issuer-mark" aria-hidden>
            {inLanguage(card.issuer.name, currentLanguage()).slice(0, 1)}
          </span>
          <span className="row-text">
            <span className="row-title">{inLanguage(card.issuer.name, currentLanguage())}</span>
            <span className="row-note digits">{shortMask(card.maskedPan)}</span>
          </span>
        </label>
      ))}
    </fieldset>
  )
}
