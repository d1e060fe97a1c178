import { CheckCircleFill, ClockCircleOutline, CloseCircleFill } from 'antd-mobile-icons'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { bankDate, showDate, showInstant } from '../../../shared/format.ts'
import { currentLanguage, inLanguage } from '../../../shared/i18n.ts'
import { bank } from '../bank.ts'
import { queries, useMe, useVerification } from '../queries.ts'
import type { LayerState, Verification } from '../routes-identity.ts'
import { FaceCheckFlow } from '../ui/face-check.tsx'
import { Facts, MainButton, Note, Page, ProblemNote, Section, Waiting } from '../ui/kit.tsx'
import { tag } from '../ui/money.tsx'
import { isUndecided, OtherWay, ReviewPanel } from '../ui/review-panel.tsx'
import { RetryAt } from '../ui/retry-at.tsx'
import { PicturesStep, PlaceStep, ConfirmStep, hasPictures } from './sign-up-identity.tsx'

const EXPIRES_SOON_DAYS = 90

export default function VerificationPage() {
  const { t } = useTranslation()
  const verification = useVerification()
  const me = useMe().data
  const data = verification.data
  return (
    <Page title={t('verification.title')} back="/me" testId="verification">
      {verification.isPending && <Waiting lines={8} />}
      {verification.error && (
        <ProblemNote problem={verification.error} retry={() => void verification.refetch()} />
      )}
      {data && (
        <>
          <Section testId="verification-state">
            <Head verification={data} />
            {isUndecided(data.review) && <ReviewPanel review={data.review} />}
            {data.state === 'refused' && (
              <Note kind="bad">
                <p>{inLanguage(data.review?.text ?? undefined, currentLanguage())}</p>
                <p>{t('refused.next')}</p>
              </Note>
            )}
            {me?.state === 'onboarding' && (
              <Link to="/sign-up" className="button-link" data-testid="continue-opening">
                {t('home.continue')}
              </Link>
            )}
          </Section>
          <Layers verification={data} />
          <Document verification={data} />
          {me?.state === 'active' && !isUndecided(data.review) && <Retry verification={data} />}
        </>
      )}
      <Tier />
    </Page>
  )
}

function Head(props: { verification: Verification }) {
  const { t } = useTranslation()
  const { level, state } = props.verification
  const kind = { verified: 'good', review: 'wait', refused: 'bad', incomplete: 'wait' }[state]
  return (
    <>
      <div className="limit-head">
        <h2 data-testid="level" data-level={level}>
          {t(`verification.level.${level}`)}
        </h2>
        <span className={`tag ${kind}`}>{t(`verification.state.${state}`)}</span>
      </div>
      <p className="lead">{t(`verification.means.${level}`)}</p>
    </>
  )
}

function Layers(props: { verification: Verification }) {
  const { t, i18n } = useTranslation()
  return (
    <Section title={t('verification.layers')}>
      <ul className="checks layers">
        {props.verification.layers.map(({ layer, state, at, text }) => (
          <li key={layer} className={state} data-testid={`layer-${layer}`} data-state={state}>
            <span aria-hidden>
              <LayerMark state={state} />
            </span>
            <span>
              {i18n.exists(`layer.${layer}`) ? t(`layer.${layer}`) : layer}{' '}
              <em>{t(`layerState.${state}`)}</em>
              {text && <small>{inLanguage(text, currentLanguage())}</small>}
              {at && state !== 'todo' && <small>{showInstant(at, tag())}</small>}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  )
}

function LayerMark(props: { state: LayerState }) {
  if (props.state === 'passed') return <CheckCircleFill />
  if (props.state === 'failed') return <CloseCircleFill />
  return <ClockCircleOutline />
}

function Document(props: { verification: Verification }) {
  const { t } = useTranslation()
  const { documentValidUntil: until, isLongTerm } = props.verification
  if (!until && !isLongTerm) return null
  const days = until ? daysTo(until) : Infinity
  return (
    <Section title={t('verification.document')} testId="document">
      <Facts
        items={[
          [
            t('verification.validUntil'),
            isLongTerm ? t('confirmId.longTerm') : until && showDate(until, tag()),
          ],
        ]}
      />
      {days < EXPIRES_SOON_DAYS && (
        <Note kind={days < 0 ? 'bad' : 'wait'} testId="document-warning">
          {t(days < 0 ? 'verification.expired' : 'verification.expires', {
            count: Math.max(0, days),
          })}
        </Note>
      )}
    </Section>
  )
}

function daysTo(date: string): number {
  const today = bankDate(new Date())
  return Math.round((Date.parse(`${date}T00:00:00Z`) - Date.parse(`${today}T00:00:00Z`)) / 86_400_000)
}

/** For an open account: layers that failed, are missing, or rest on an expired card. */
function Retry(props: { verification: Verification }) {
  const { t } = useTranslation()
  const { layers, attempts, documentValidUntil: until } = props.verification
  const [doing, setDoing] = useState<'pictures' | 'face' | 'place' | null>(null)
  const [, draw] = useState(0)
  const open = (names: string[]) =>
    layers.some((one) => names.includes(one.layer) && (one.state === 'todo' || one.state === 'failed'))
  const expired = until ? daysTo(until) < EXPIRES_SOON_DAYS : false
  const choices = [
    ['pictures', open(['idFront', 'idBack', 'confirmation']) || expired],
    ['face', open(['face'])],
    ['place', open(['place'])],
  ] as const
  const wanted = choices.filter(([, is]) => is)
  const done = async () => {
    setDoing(null)
    await Promise.all(
      ['me', 'verification'].map((name) => queries.invalidateQueries({ queryKey: [name] })),
    )
  }
  if (wanted.length === 0) return null
  return (
    <Section title={t('verification.retry')} testId="verification-retry">
      {doing === null && (
        <>
          {attempts.leftNow === 0 && <RetryAt at={attempts.retryAt} />}
          {wanted.map(([name]) => (
            <MainButton
              key={name}
              disabled={attempts.leftNow === 0}
              onClick={() => setDoing(name)}
              data-testid={`retry-${name}`}
            >
              {t(`verification.retryOf.${name}`)}
            </MainButton>
          ))}
          <OtherWay />
        </>
      )}
      {doing === 'pictures' &&
        (hasPictures() ? (
          <ConfirmStep
            onConfirmed={() => void done()}
            onRetake={() => draw((count) => count + 1)}
          />
        ) : (
          <PicturesStep again={false} onDone={() => draw((count) => count + 1)} />
        ))}
      {doing === 'face' && (
        <FaceCheckFlow
          purpose="opening"
          onAccepted={() => void done()}
          onUnsure={() => void done()}
          otherWay={<OtherWay />}
        />
      )}
      {doing === 'place' && <PlaceStep onDone={done} />}
    </Section>
  )
}

/** Tier of the payment account: confirmations so far, and the next tier. */
function Tier() {
  const { t, i18n } = useTranslation()
  const tier = useQuery({ queryKey: ['tier'], queryFn: () => bank.call('GET /v1/me/tier') })
  if (tier.isPending) return <Waiting lines={3} />
  if (tier.error) return <ProblemNote problem={tier.error} retry={() => void tier.refetch()} />
  const { channels, next } = tier.data
  return (
    <Section title={t('tier.title')} testId="tier">
      <div className="limit-head">
        <h3 data-testid="tier-now">
          {tier.data.tier ? t('tier.is', { tier: tier.data.tier }) : t('tier.none')}
        </h3>
        <span className="tag">{t('tier.count', { count: tier.data.count })}</span>
      </div>
      <ul className="plain-list">
        {channels.map(({ channel, detail, at }) => (
          <li key={channel + (detail ?? '')} data-testid={`channel-${channel}`}>
            {i18n.exists(`channel.${channel}`) ? t(`channel.${channel}`) : channel}
            {detail && ` (${detail})`}
            <small className="row-note"> · {showDate(bankDate(new Date(at)), tag())}</small>
          </li>
        ))}
      </ul>
      {next && (
        <Note kind="info" testId="tier-next">
          <p className="note-lead">
            {t('tier.next', { tier: next.tier, count: next.channelsMin })}
          </p>
          <p>{inLanguage(next.text, currentLanguage())}</p>
        </Note>
      )}
      <p className="field-hint">{t('tier.how')}</p>
    </Section>
  )
}
