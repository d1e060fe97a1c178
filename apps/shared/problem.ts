/**
 * A failed request, as the apps show it. The server answers RFC 9457 problem details; a request without an
 * answer (no network, time-out) gets a local slug and is kept apart, because the bank may or may not have
 * done the work.
 */
export interface FieldFault {
  pointer: string
  detail: string
}

export interface ProblemBody {
  type?: string
  title?: string
  status?: number
  detail?: string
  instance?: string
  reasonCode?: string
  errors?: FieldFault[]
  [extension: string]: unknown
}

export class Problem extends Error {
  readonly slug: string
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly reference: string
  readonly reasonCode: string | undefined
  readonly errors: FieldFault[]
  readonly body: ProblemBody

  constructor(body: ProblemBody, status: number) {
    const slug = slugOf(body.type)
    super(body.detail ?? body.title ?? slug)
    this.name = 'Problem'
    this.slug = slug
    this.status = body.status ?? status
    this.title = body.title ?? ''
    this.detail = body.detail ?? ''
    this.reference = body.instance ?? ''
    this.reasonCode = body.reasonCode
    this.errors = Array.isArray(body.errors) ? body.errors : []
    this.body = body
  }

  /** The bank did not answer, or failed while answering: the work may or may not be done. */
  get unknown(): boolean {
    return this.status === 0 || this.status >= 500
  }

  /** The same request can succeed later unchanged. */
  get temporary(): boolean {
    return this.unknown || this.status === 429 || this.slug === 'idempotency-key-in-use'
  }

  number(name: string): number | undefined {
    const value = this.body[name]
    return typeof value === 'number' ? value : undefined
  }
}

/** A problem created in the browser: 'network', 'time-out' or 'unreadable'. */
export function localProblem(slug: 'network' | 'time-out' | 'unreadable'): Problem {
  return new Problem({ type: `/problems/${slug}` }, 0)
}

export function problemOf(error: unknown): Problem {
  return error instanceof Problem ? error : localProblem('unreadable')
}

function slugOf(type: string | undefined): string {
  const last = (type ?? '').split('/').pop() ?? ''
  return /^[a-z0-9-]+$/.test(last) ? last : 'unreadable'
}

/**
 * Field name -> text, for the fields that a form has; `rest` holds the faults of other fields.
 * "#/instructedAmount/amount" is offered as "instructedAmount.amount", then as its parents.
 */
export function fieldFaults(
  problem: Problem,
  fields: readonly string[],
): { byField: Record<string, string>; rest: string[] } {
  const byField: Record<string, string> = {}
  const rest: string[] = []
  for (const fault of problem.errors) {
    const path = pathOf(fault.pointer)
    const field = [...path.keys()]
      .map((cut) => path.slice(0, path.length - cut).join('.'))
      .find((name) => fields.includes(name))
    if (field === undefined) rest.push(fault.detail)
    else byField[field] ??= fault.detail
  }
  return { byField, rest }
}

/** Parts of a JSON pointer in a URI fragment (RFC 6901). */
function pathOf(pointer: string): string[] {
  return pointer
    .replace(/^#?\/?/, '')
    .split('/')
    .map((part) => safeDecode(part).replaceAll('~1', '/').replaceAll('~0', '~'))
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
