import type { Action } from '../face-steps.ts'

/** Drawings of the actions: a head that turns, looks up, closes its eyes. */
export function ActionPicture(props: { action: Action }) {
  const { action } = props
  const eyes =
    action === 'blink' ? (
      <path className="line" d="M30 46q6 5 12 0M58 46q6 5 12 0" />
    ) : (
      <>
        <circle className="dot" cx="36" cy="46" r="4" />
        <circle className="dot" cx="64" cy="46" r="4" />
      </>
    )
  const mouth =
    action === 'openMouth' ? (
      <ellipse className="line" cx="50" cy="70" rx="9" ry="11" />
    ) : (
      <path className="line" d="M40 70q10 6 20 0" />
    )
  return (
    <svg className={`action-picture ${action}`} viewBox="0 0 100 100" aria-hidden>
      <ellipse className="head" cx="50" cy="52" rx="34" ry="42" />
      <g className="features">
        {eyes}
        <path className="line" d="M50 50v10" />
        {mouth}
      </g>
      {/* The preview is mirrored: the user's left is on the left of the screen. */}
      {action === 'turnLeft' && <path className="arrow" d="M22 92H4m8-8-8 8 8 8" />}
      {action === 'turnRight' && <path className="arrow" d="M78 92h18m-8-8 8 8-8 8" />}
      {action === 'lookUp' && <path className="arrow" d="M92 24V4m-8 8 8-8 8 8" />}
    </svg>
  )
}
