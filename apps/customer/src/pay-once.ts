import { useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import type { Payment } from '../../shared/api.ts'
import { useFormKey } from '../../shared/idempotency.ts'
import { problemOf, type Problem } from '../../shared/problem.ts'
import { queries, useMoneyMoved } from './queries.ts'
import { NotConfirmed, useStepUp } from './step-up.tsx'

/**
 * The only function by which a form moves money. A second tap during the first is dropped; a retry after a
 * lost answer and the repetition after the pass code carry the same Idempotency-Key, so the bank returns
 * the same payment. After the answer the payment's page opens.
 */
export function usePayOnce<Body>(send: (body: Body, key: string) => Promise<Payment>) {
  const formKey = useFormKey()
  const stepUp = useStepUp()
  const navigate = useNavigate()
  const moneyMoved = useMoneyMoved()
  const running = useRef(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)

  const pay = async (body: Body) => {
    if (running.current) return
    running.current = true
    setBusy(true)
    setProblem(null)
    try {
      const key = formKey.keyFor(body)
      const payment = await stepUp(() => send(body, key))
      queries.setQueryData(['payment', payment.paymentId], payment)
      moneyMoved()
      await navigate(`/payments/${payment.paymentId}`, { replace: true })
    } catch (error) {
      if (!(error instanceof NotConfirmed)) {
        const failed = problemOf(error)
        formKey.refused(failed)
        setProblem(failed)
      }
    } finally {
      running.current = false
      setBusy(false)
    }
  }
  return { pay, busy, problem, clear: () => setProblem(null) }
}
