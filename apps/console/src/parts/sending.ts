import { useState } from 'react'
import { problemOf, type Problem } from '../../../shared/problem.ts'

// State of one request: whether it is running, and the error of the last attempt.
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
