import { localProblem, Problem, type ProblemBody } from '../../shared/problem.ts'
import { tag } from './ui/money.tsx'

/** Fetches a file from the bank and saves it under the name that the bank sent. */
export async function download(address: string, otherwise: string): Promise<void> {
  let response: Response
  try {
    response = await fetch(address, {
      credentials: 'same-origin',
      headers: { 'Accept-Language': tag() },
    })
  } catch {
    throw localProblem('network')
  }
  if (!response.ok) {
    const body = (await response.json().catch(() => ({}))) as ProblemBody
    throw new Problem(body, response.status)
  }
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await response.blob())
  link.download = fileNameOf(response.headers.get('Content-Disposition')) ?? otherwise
  document.body.append(link)
  link.click()
  link.remove()
  // The browser has started reading by then; the memory is released.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

/** File name of a Content-Disposition header; only its last part, never a path. */
export function fileNameOf(header: string | null): string | null {
  const match = /filename="?([^";]+)"?/i.exec(header ?? '')
  return match?.[1]?.split(/[/\\]/).pop()?.trim() || null
}
