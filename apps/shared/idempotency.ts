import { useRef } from 'react'
import type { Problem } from './problem.ts'

/** A fresh value for the Idempotency-Key header. */
export function newKey(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * The key of one form: constant while the body is the same, so that a double tap, a retry after a lost
 * answer and a retry after a step-up are one payment; a new key after an edit.
 */
export class FormKey {
  private body = ''
  private key = ''

  keyFor(body: unknown): string {
    const text = JSON.stringify(body)
    if (text !== this.body || this.key === '') {
      this.body = text
      this.key = newKey()
    }
    return this.key
  }

  /**
   * Forgets the key after a refusal that the bank stated: nothing was done, and a new attempt needs a new
   * answer. Kept if the work may be done (unknown, still running) and if the same request is to be repeated
   * (step-up, rate limit, session).
   */
  refused(problem: Problem): void {
    if (problem.temporary || problem.status === 401 || problem.slug === 'step-up-required') return
    this.key = ''
  }
}

export function useFormKey(): FormKey {
  const key = useRef<FormKey>(null)
  key.current ??= new FormKey()
  return key.current
}
