import { useState } from 'react'
import { problemOf, type Problem } from '../../../shared/problem.ts'

// One thing that is sent: whether it is on its way, and what went wrong with the last try.
export function useSending() {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const send = async (work: () => Promise<void>) => {
    setBusy(true)
    setProblem(null)
    try {
      await work()
    } catch (error) {
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  return { busy, problem, send }
}
