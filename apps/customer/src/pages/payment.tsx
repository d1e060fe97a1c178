import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd-mobile'
import { CheckCircleFill, ClockCircleFill, CloseCircleFill } from 'antd-mobile-icons'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate, useParams } from 'react-router'
import type { Payment } from '../../../shared/api.ts'
import { showInstant } from '../../../shared/format.ts'
import { currentLanguage, inLanguage } from '../../../shared/i18n.ts'
import { shortMask } from '../../../shared/identifiers.ts'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { bank } from '../bank.ts'
import { download } from '../download.ts'
import { isSettled, useMoneyMoved } from '../queries.ts'
import { cardName } from '../ui/card-choice.tsx'
import { Facts, MainButton, Page, ProblemNote, Section, Waiting } from '../ui/kit.tsx'
import { say } from '../ui/say.ts'
import { Amount, StatusTag, tag } from '../ui/money.tsx'

const POLL_MS = 4_000
const POLLS_MAX = 15

export default function PaymentPage() {
  const { t } = useTranslation()
  const { paymentId = '' } = useParams()
  const payment = useQuery({
    queryKey: ['payment', paymentId],
    queryFn: () => bank.call('GET /v1/payments/{paymentId}', { params: { paymentId } }),
  })
  return (
    <Page title={t('payment.title')} back="/activity" testId="payment">
      {payment.isPending && <Waiting lines={8} />}
      {payment.error && !payment.data && (
        <ProblemNote problem={payment.error} retry={() => void payment.refetch()} />
      )}
      {payment.data && <Result payment={payment.data} />}
    </Page>
  )
}

function Result(props: { payment: Payment }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { payment } = props
  const settled = isSettled(payment)
  return (
    <>
      <State payment={payment} />
      {!settled && <Checking payment={payment} />}
      <PaymentFacts payment={payment} />
      <div className="foot-actions">
        {settled && <ReceiptButton payment={payment} />}
        <Button block size="large" onClick={() => navigate('/')} data-testid="to-home">
          {t('payment.home')}
        </Button>
      </div>
    </>
  )
}

/** One of three states; "failed" is shown only if the bank reports it. */
function State(props: { payment: Payment }) {
  const { t } = useTranslation()
  const { payment } = props
  const state =
    payment.transactionStatus === 'ACSC'
      ? 'done'
      : payment.transactionStatus === 'RJCT'
        ? 'failed'
        : 'checking'
  const icons = {
    done: <CheckCircleFill />,
    failed: <CloseCircleFill />,
    checking: <ClockCircleFill />,
  }
  const reason = inLanguage(payment.statusReason, currentLanguage())
  return (
    <div className={`state ${state}`} role="status" data-testid="payment-state" data-state={state}>
      <span className="state-icon" aria-hidden>
        {icons[state]}
      </span>
      <h2>{t(`payment.${state}.${payment.kind}`)}</h2>
      <Amount money={payment.instructedAmount} size="big" testId="payment-amount" />
      {state === 'checking' && <p>{t('payment.checkingNote')}</p>}
      {state === 'failed' && (
        <p data-testid="payment-reason">
          {reason || t('payment.noReason')}
          {payment.reasonCode && <span className="code-word"> {payment.reasonCode}</span>}
        </p>
      )}
      {state === 'failed' && <p>{t(`payment.failedNote.${payment.kind}`)}</p>}
    </div>
  )
}

/** Queries the channel again: automatically a few times, and by the button at any time. */
function Checking(props: { payment: Payment }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const moneyMoved = useMoneyMoved()
  const { paymentId } = props.payment
  const [busy, setBusy] = useState(false)
  const [polls, setPolls] = useState(0)
  const [problem, setProblem] = useState<Problem | null>(null)

  const check = async (byHand: boolean) => {
    setBusy(true)
    try {
      const now = await bank.call('POST /v1/payments/{paymentId}/queries', {
        params: { paymentId },
      })
      client.setQueryData(['payment', paymentId], now)
      setProblem(null)
      if (isSettled(now)) moneyMoved()
      else if (byHand) say(t('payment.still'), false)
    } catch (error) {
      const failed = problemOf(error)
      // A rate limit is not reported on a page that queries automatically.
      if (byHand || failed.status !== 429) setProblem(failed)
    } finally {
      setBusy(false)
    }
  }

  useEffect(() => {
    if (polls >= POLLS_MAX) return
    const timer = setTimeout(() => {
      void check(false).finally(() => setPolls((count) => count + 1))
    }, POLL_MS)
    return () => clearTimeout(timer)
    // One timer per round; check() only needs the id.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [polls, paymentId])

  return (
    <Section>
      <p className="lead">{t('payment.checkingAgain')}</p>
      {problem && <ProblemNote problem={problem} />}
      <MainButton loading={busy} onClick={() => void check(true)} data-testid="check-again">
        {t('payment.checkAgain')}
      </MainButton>
    </Section>
  )
}

function PaymentFacts(props: { payment: Payment }) {
  const { t } = useTranslation()
  const { payment } = props
  return (
    <Section title={t('payment.facts')}>
      <Facts
        testId="payment-facts"
        items={[
          [t('facts.kind'), t(`kind.${payment.kind}`)],
          [t('facts.status'), <StatusTag status={payment.transactionStatus} />],
          [t('facts.from'), <Party name={payment.debtorName} account={payment.debtorAccount} />],
          [t('facts.to'), <Party name={payment.creditorName} account={payment.creditorAccount} />],
          [t('facts.card'), payment.card && cardName(payment.card)],
          [t('facts.memo'), payment.remittanceInformationUnstructured],
          [t('facts.createdAt'), showInstant(payment.createdAt, tag())],
          [
            t(payment.transactionStatus === 'RJCT' ? 'facts.rejectedAt' : 'facts.settledAt'),
            payment.settledAt && showInstant(payment.settledAt, tag()),
          ],
          [t('facts.fee'), t('review.free')],
          [t('facts.paymentId'), <code data-testid="payment-id">{payment.paymentId}</code>],
          [t('facts.endToEnd'), <code>{payment.endToEndIdentification}</code>],
          [
            t('facts.journal'),
            payment.journalIds.length > 0 && <code>{payment.journalIds.join(', ')}</code>,
          ],
          [t('facts.rules'), <code>{payment.ruleVersion}</code>],
        ]}
      />
    </Section>
  )
}

function Party(props: { name: string; account: string }) {
  return (
    <>
      {props.name}
      {props.account && <span className="party-account digits">{shortMask(props.account)}</span>}
    </>
  )
}

function ReceiptButton(props: { payment: Payment }) {
  const { t } = useTranslation()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const fetchReceipt = async () => {
    setBusy(true)
    setProblem(null)
    try {
      const { paymentId } = props.payment
      await download(
        `/v1/payments/${paymentId}/receipt?lang=${currentLanguage()}`,
        `sycee-receipt-${paymentId}.pdf`,
      )
    } catch (error) {
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      {problem && <ProblemNote problem={problem} />}
      <MainButton loading={busy} onClick={() => void fetchReceipt()} data-testid="download-receipt">
        {t('payment.receipt')}
      </MainButton>
    </>
  )
}
