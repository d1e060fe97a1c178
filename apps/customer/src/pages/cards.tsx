import { Button } from 'antd-mobile'
import { AddOutline, BankcardOutline } from 'antd-mobile-icons'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Card } from '../../../shared/api.ts'
import { showDate, bankDate } from '../../../shared/format.ts'
import { currentLanguage, inLanguage } from '../../../shared/i18n.ts'
import { shortMask } from '../../../shared/identifiers.ts'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { showMoney } from '../../../shared/money.ts'
import { bank } from '../bank.ts'
import { queries, useCards } from '../queries.ts'
import { NotConfirmed, useStepUp } from '../step-up.tsx'
import { cardName } from '../ui/card-choice.tsx'
import { Confirm, Empty, Facts, Page, ProblemNote, Row, Section, Waiting } from '../ui/kit.tsx'
import { say } from '../ui/say.ts'
import { tag } from '../ui/money.tsx'

export default function Cards() {
  const { t } = useTranslation()
  const cards = useCards()
  return (
    <Page title={t('cards.title')} back="/me" testId="cards">
      {cards.isPending && <Waiting />}
      {cards.error && <ProblemNote problem={cards.error} retry={() => void cards.refetch()} />}
      {cards.data?.length === 0 && <Empty icon={<BankcardOutline />} text={t('cards.none')} />}
      {cards.data?.map((card) => (
        <CardItem key={card.cardId} card={card} />
      ))}
      <Section flush>
        <Row
          icon={<AddOutline />}
          title={t('cards.add')}
          note={t(cards.data?.length ? 'cards.addSecond' : 'cards.addFirst')}
          to="/me/cards/new"
          testId="add-card"
        />
      </Section>
    </Page>
  )
}

function CardItem(props: { card: Card }) {
  const { t } = useTranslation()
  const stepUp = useStepUp()
  const { card } = props
  const [asking, setAsking] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const unbind = async () => {
    setBusy(true)
    setProblem(null)
    try {
      await stepUp(() =>
        bank.call('DELETE /v1/cards/{cardId}', { params: { cardId: card.cardId } }),
      )
      setAsking(false)
      say(t('cards.unbound'))
      await queries.invalidateQueries({ queryKey: ['cards'] })
    } catch (error) {
      if (!(error instanceof NotConfirmed)) setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Section testId="card">
      <div className="bank-card">
        <strong>{inLanguage(card.issuer.name, currentLanguage())}</strong>
        <span className="digits">{shortMask(card.maskedPan)}</span>
        <small>{t('cards.debitClass', { class: card.accountClass })}</small>
      </div>
      <Facts
        items={[
          [t('cards.boundAt'), showDate(bankDate(new Date(card.boundAt)), tag())],
          [t('cards.perPayment'), showMoney(card.perPaymentLimit, tag())],
          [t('cards.perDay'), showMoney(card.perDayLimit, tag())],
        ]}
      />
      <Button
        block
        color="danger"
        fill="outline"
        onClick={() => setAsking(true)}
        data-testid="unbind-card"
      >
        {t('cards.unbind')}
      </Button>
      <Confirm
        open={asking}
        title={t('cards.unbindTitle')}
        text={t('cards.unbindText', { card: cardName(card) })}
        action={t('cards.unbind')}
        danger
        busy={busy}
        problem={problem}
        onClose={() => setAsking(false)}
        onConfirm={() => void unbind()}
        testId="unbind-sheet"
      />
    </Section>
  )
}
