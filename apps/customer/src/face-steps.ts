import { Problem } from '../../shared/problem.ts'
import type { FaceCheck } from './routes-identity.ts'

/** Frame 0 looks straight ahead; frames 1 … n are the actions in the requested order. Pure. */
export const KNOWN_ACTIONS = ['turnLeft', 'turnRight', 'lookUp', 'blink', 'openMouth'] as const
export type Action = 'straight' | (typeof KNOWN_ACTIONS)[number]

/** The first frame that the bank has not received; null if it has all. */
export function nextFrame(check: Pick<FaceCheck, 'actions' | 'framesDone'>): number | null {
  for (let frame = 0; frame <= check.actions.length; frame++) {
    if (!check.framesDone.includes(frame)) return frame
  }
  return null
}

export function actionOf(check: Pick<FaceCheck, 'actions'>, frame: number): Action {
  const asked = frame === 0 ? 'straight' : check.actions[frame - 1]
  return (KNOWN_ACTIONS as readonly string[]).includes(asked ?? '') ? (asked as Action) : 'straight'
}

export type AfterFault =
  /** take this picture again */
  | 'again'
  /** this challenge is over; another may be started */
  | 'restart'
  /** no further attempt now */
  | 'stop'

/** Effect of a refused picture on the challenge. */
export function afterFault(problem: Problem): AfterFault {
  if (problem.slug === 'face-quality' || problem.unknown) return 'again'
  if (problem.slug === 'picture-unreadable' || problem.slug === 'picture-too-large') return 'again'
  if (problem.slug === 'too-many-requests' || problem.status === 429) return 'stop'
  if (problem.slug === 'consent-needed' || problem.slug === 'identity-missing') return 'stop'
  return 'restart'
}

const QUALITIES = ['none', 'several', 'small', 'turned', 'dark', 'bright', 'blurred', 'covered']

export function qualityOf(problem: Problem): string | null {
  const { quality } = problem.body
  return typeof quality === 'string' && QUALITIES.includes(quality) ? quality : null
}
