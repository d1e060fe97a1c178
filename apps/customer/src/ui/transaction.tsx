import {
  PayCircleOutline,
  ReceivePaymentOutline,
  SendOutline,
  UndoOutline,
  GiftOutline,
} from 'antd-mobile-icons'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Transaction } from '../../../shared/api.ts'
import { showDate, showInstant, showMoment, showTime } from '../../../shared/format.ts'
import { shortMask } from '../../../shared/identifiers.ts'
import { showMoney } from '../../../shared/money.ts'
import { Facts, MainButton, Row, Sheet } from './kit.tsx'
import { Moved, tag } from './money.tsx'

const KINDS = ['transfer', 'topUp', 'withdrawal', 'withdrawalReturn', 'interest', 'reversal']

function iconOf(kind: string) {
  switch (kind) {
    case 'topUp':
      return <ReceivePaymentOutline />
    case 'withdrawal':
      return <PayCircleOutline />
    case 'interest':
      return <GiftOutline />
    case 'withdrawalReturn':
    case 'reversal':
      return <UndoOutline />
    default:
      return <SendOutline />
  }
}

/** One line of activity; opens the receipt, or the details of a posting without a payment. */
export function TransactionRow(props: {
  transaction: Transaction
  hidden: boolean
  withDay?: boolean
}) {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  const one = props.transaction
  const kind = t(`kind.${KINDS.includes(one.kind) ? one.kind : 'other'}`)
  const when = props.withDay ? showMoment(one.bookedAt, tag()) : showTime(one.bookedAt, tag())
  // Between the customer's own account and card the counterparty is the customer: the card is shown
  // instead.
  const own = one.kind === 'topUp' || one.kind === 'withdrawal'
  const card = one.counterpartyAccount ? shortMask(one.counterpartyAccount) : ''
  const leads = one.paymentId
    ? { to: `/payments/${one.paymentId}` }
    : { onClick: () => setOpen(true) }
  return (
    <>
      <Row
        icon={iconOf(one.kind)}
        title={(!own && one.counterpartyName) || kind}
        note={[own ? !props.withDay && card : kind, when].filter(Boolean).join(' · ')}
        aside={
          <Moved money={one.transactionAmount} direction={one.direction} hidden={props.hidden} />
        }
        testId="transaction"
        {...leads}
      />
      <Sheet open={open} title={kind} onClose={() => setOpen(false)} testId="transaction-facts">
        <Facts
          items={[
            [t('facts.amount'), <Moved money={one.transactionAmount} direction={one.direction} />],
            [t('facts.counterparty'), one.counterpartyName],
            [t('facts.memo'), one.remittanceInformationUnstructured],
            [t('facts.bookedAt'), showInstant(one.bookedAt, tag())],
            [t('facts.valueDate'), showDate(one.valueDate, tag())],
            [t('facts.balanceAfter'), showMoney(one.balanceAfter, tag())],
            [t('facts.journal'), <code>{one.transactionId}</code>],
          ]}
        />
        <MainButton onClick={() => setOpen(false)} data-testid="close-facts">
          {t('common.close')}
        </MainButton>
      </Sheet>
    </>
  )
}
