import { Button } from 'antd-mobile'
import { ClockCircleOutline, UserContactOutline } from 'antd-mobile-icons'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { bankZone, showInstant } from '../../../shared/format.ts'
import { currentLanguage, inLanguage } from '../../../shared/i18n.ts'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { bank } from '../bank.ts'
import { queries } from '../queries.ts'
import type { Review, ReviewPath } from '../routes-identity.ts'
import { Choice, Facts, MainButton, Note, ProblemNote, Sheet, Waiting } from './kit.tsx'
import { tag } from './money.tsx'
import { say } from './say.ts'

export function isUndecided(review: Review | null | undefined): review is Review {
  return !!review && ['open', 'claimed', 'second'].includes(review.state)
}

/** Review by staff: start, expected end, chosen way; another way may be chosen. */
export function ReviewPanel(props: { review: Review }) {
  const { t } = useTranslation()
  const { review } = props
  return (
    <div data-testid="review-panel" data-path={review.path}>
      <div className="state checking" role="status">
        <span className="state-icon" aria-hidden>
          <ClockCircleOutline />
        </span>
        <h2>{t(`reviewing.${review.path}`)}</h2>
        <p>{inLanguage(review.text ?? undefined, currentLanguage()) || t('reviewing.text')}</p>
      </div>
      <Facts
        items={[
          [t('reviewing.since'), showInstant(review.openedAt, tag())],
          [
            t('reviewing.appointment'),
            review.appointmentAt ? showInstant(review.appointmentAt, tag()) : '',
          ],
          [
            t('reviewing.expected'),
            review.path === 'wait' ? showInstant(review.expectedBy, tag()) : '',
          ],
        ]}
      />
      <OtherWay chosen={review.path} />
    </div>
  )
}

/** The other ways to verify an identity, of equal standing: a video call, or a visit. */
export function OtherWay(props: { chosen?: ReviewPath }) {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  return (
    <>
      <button
        type="button"
        className="other-way"
        onClick={() => setOpen(true)}
        data-testid="other-way"
      >
        <UserContactOutline aria-hidden />
        <span>{t(props.chosen ? 'otherWay.change' : 'otherWay.open')}</span>
      </button>
      <Sheet
        open={open}
        title={t('otherWay.title')}
        onClose={() => setOpen(false)}
        testId="other-way-sheet"
      >
        <PathForm chosen={props.chosen} onDone={() => setOpen(false)} />
      </Sheet>
    </>
  )
}

function PathForm(props: { chosen: ReviewPath | undefined; onDone: () => void }) {
  const { t } = useTranslation()
  const ways: ReviewPath[] = props.chosen ? ['video', 'counter', 'wait'] : ['video', 'counter']
  const [path, setPath] = useState<ReviewPath>('video')
  const [slot, setSlot] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const slots = useQuery({
    queryKey: ['videoSlots'],
    queryFn: async () => (await bank.call('GET /v1/video-slots')).items,
  })
  const choose = async () => {
    if (busy || (path === 'video' && slot === null)) return
    setBusy(true)
    setProblem(null)
    try {
      const body = { path, ...(path === 'video' && slot ? { appointmentAt: slot } : {}) }
      const answer = await bank.call('POST /v1/me/verification/path', { body })
      queries.setQueryData(['verification'], answer)
      await queries.invalidateQueries({ queryKey: ['me'] })
      say(t('otherWay.done'))
      props.onDone()
    } catch (error) {
      setProblem(problemOf(error))
      void slots.refetch()
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <p className="sheet-text">{t('otherWay.text')}</p>
      <Choice
        label={t('otherWay.way')}
        value={path}
        options={ways.map((value) => ({ value, text: t(`otherWay.${value}`) }))}
        onValue={setPath}
        testId="path"
      />
      <p className="lead">{t(`otherWay.${path}Note`)}</p>
      {path === 'video' && (
        <fieldset className="slots" data-testid="video-slots">
          <legend>{t('otherWay.slots')}</legend>
          {slots.isPending && <Waiting lines={3} />}
          {slots.error && <ProblemNote problem={slots.error} retry={() => void slots.refetch()} />}
          {slots.data?.length === 0 && <Note kind="wait">{t('otherWay.noSlots')}</Note>}
          {slots.data?.map(({ startsAt }) => (
            <label key={startsAt} className={startsAt === slot ? 'chosen' : ''}>
              <input
                type="radio"
                name="slot"
                checked={startsAt === slot}
                onChange={() => setSlot(startsAt)}
                data-testid="video-slot"
              />
              {slotText(startsAt)}
            </label>
          ))}
        </fieldset>
      )}
      {problem && <ProblemNote problem={problem} />}
      <div className="sheet-actions">
        <Button block size="large" onClick={props.onDone} data-testid="path-cancel">
          {t('common.cancel')}
        </Button>
        <MainButton
          loading={busy}
          disabled={path === 'video' && slot === null}
          onClick={() => void choose()}
          data-testid="path-choose"
        >
          {t('otherWay.choose')}
        </MainButton>
      </div>
    </>
  )
}

function slotText(instant: string): string {
  return new Intl.DateTimeFormat(tag(), {
    weekday: 'short',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: bankZone(),
  }).format(new Date(instant))
}
