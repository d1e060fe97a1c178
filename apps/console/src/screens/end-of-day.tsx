// The business date and the steps that close it. Runs are dry by default; a real run needs the date typed,
// because it cannot be undone.

import {
  CalendarOutlined,
  CheckCircleFilled,
  ClockCircleOutlined,
  CloseCircleFilled,
  LoadingOutlined,
} from '@ant-design/icons'
import { Alert, App, Button, Form, Input, Modal, Progress, Switch } from 'antd'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormKey } from '../../../shared/idempotency.ts'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { client, refresh, useAnswer } from '../api/client'
import type { EndOfDayStep } from '../api/types'
import { useStaff } from '../layout/shell'
import { Day, Instant, Loading, Nothing, PageHead, Problem as ProblemBox, Section, StateTag } from '../parts/bits'
import { ProposeEarly } from '../parts/propose'
import { may } from '../permissions'

export default function EndOfDay() {
  const { t } = useTranslation()
  const staff = useStaff()
  const [asking, setAsking] = useState(false)
  const [watch, setWatch] = useState(false)
  const [early, setEarly] = useState(false)
  const answer = useAnswer(
    'GET /v1/staff/business-date',
    {},
    { every: (d) => (d?.endOfDay.state === 'running' || watch ? 1_000 : 15_000) },
  )
  const data = answer.data
  const running = data?.endOfDay.state === 'running'
  return (
    <>
      <PageHead title={t('menu.endOfDay')} note={t('eod.note')}>
        {may(staff, 'runEndOfDay') && (
          <Button
            type="primary"
            icon={<CalendarOutlined />}
            disabled={!data || running}
            onClick={() => setAsking(true)}
            data-testid="eod-run"
          >
            {t('eod.run')}
          </Button>
        )}
      </PageHead>
      {answer.error && !data ? (
        <ProblemBox error={answer.error} retry={() => void answer.refetch()} />
      ) : !data ? (
        <Loading rows={8} />
      ) : (
        <>
          <div className="figures">
            <div className="figure">
              <div className="figure-label">{t('app.businessDate')}</div>
              <div className="figure-value" data-testid="eod-date">
                <Day date={data.businessDate} />
              </div>
            </div>
            <div className="figure">
              <div className="figure-label">{t('eod.state')}</div>
              <div className="figure-value figure-tag" data-testid="eod-state">
                <StateTag group="eodState" state={data.endOfDay.state} />
              </div>
            </div>
          </div>
          <Section title={t('eod.steps')}>
            {data.endOfDay.steps.length === 0 ? (
              <Nothing text={t('eod.noSteps')} />
            ) : (
              <ol className="eod" data-testid="eod-steps">
                {data.endOfDay.steps.map((step) => (
                  <Step key={step.step} step={step} />
                ))}
              </ol>
            )}
          </Section>
          {early && <ProposeEarly date={data.businessDate} onClose={() => setEarly(false)} />}
          {asking && (
            <RunDialog
              businessDate={data.businessDate}
              onClose={() => setAsking(false)}
              onEarly={() => {
                setAsking(false)
                setEarly(true)
              }}
              onStarted={() => {
                setAsking(false)
                setWatch(true)
                setTimeout(() => setWatch(false), 10_000)
              }}
            />
          )}
        </>
      )}
    </>
  )
}

const icons: Record<string, ReactNode> = {
  done: <CheckCircleFilled aria-hidden className="good" />,
  running: <LoadingOutlined aria-hidden className="busy" />,
  failed: <CloseCircleFilled aria-hidden className="bad" />,
  open: <ClockCircleOutlined aria-hidden className="muted" />,
}

function Step({ step }: { step: EndOfDayStep }) {
  const { t } = useTranslation()
  const name = t(`eodStep.${step.step}`, { defaultValue: step.step })
  const done = step.state === 'done' ? 100 : step.total > 0 ? Math.floor((step.done / step.total) * 100) : 0
  return (
    <li>
      <span className="eod-icon">{icons[step.state] ?? icons.open}</span>
      <span className="eod-name">
        {name} <span className="muted small">{t(`eodState.${step.state}`, { defaultValue: step.state })}</span>
      </span>
      <Progress
        percent={done}
        size="small"
        status={step.state === 'failed' ? 'exception' : 'normal'}
        aria-label={`${name} ${done}%`}
      />
      <span className="eod-count digits muted">{step.total > 0 ? `${step.done} / ${step.total}` : ''}</span>
      <span className="eod-time">
        <Instant at={step.endedAt ?? step.startedAt} />
      </span>
    </li>
  )
}

function RunDialog({
  businessDate,
  onClose,
  onStarted,
  onEarly,
}: {
  businessDate: string
  onEarly: () => void
  onClose: () => void
  onStarted: () => void
}) {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const key = useFormKey()
  const [dryRun, setDryRun] = useState(true)
  const [typed, setTyped] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const start = async () => {
    const body = { businessDate, dryRun }
    setBusy(true)
    setProblem(null)
    try {
      await client.call('POST /v1/staff/end-of-day-runs', { body, key: key.keyFor(body) })
      void message.success(t(dryRun ? 'eod.dryStarted' : 'eod.started'))
      await refresh('GET /v1/staff/business-date', 'GET /v1/bank')
      onStarted()
    } catch (error) {
      const found = problemOf(error)
      key.refused(found)
      setProblem(found)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal
      open
      title={t('eod.confirmTitle')}
      onCancel={onClose}
      onOk={() => void start()}
      confirmLoading={busy}
      okText={t(dryRun ? 'eod.runDry' : 'eod.runReal')}
      okButtonProps={{
        danger: !dryRun,
        disabled: !dryRun && typed.trim() !== businessDate,
        'data-testid': 'eod-confirm',
      }}
    >
      <Form layout="vertical" component="div">
        <Form.Item label={t('eod.dryRun')} htmlFor="eod-dry" help={t(dryRun ? 'eod.dryHelp' : 'eod.realHelp')}>
          <Switch id="eod-dry" checked={dryRun} onChange={setDryRun} data-testid="eod-dry" />
        </Form.Item>
        {!dryRun && (
          <>
            <Alert type="warning" showIcon title={t('eod.warning')} style={{ margin: '16px 0' }} />
            <Form.Item label={t('eod.typeDate', { date: businessDate })} htmlFor="eod-typed">
              <Input
                id="eod-typed"
                value={typed}
                onChange={(e) => setTyped(e.target.value)}
                placeholder={businessDate}
                autoComplete="off"
                data-testid="eod-typed"
              />
            </Form.Item>
          </>
        )}
      </Form>
      {problem && <ProblemBox error={problem} inline />}
      {problem?.slug === 'day-not-ended' && (
        <Button onClick={onEarly} data-testid="eod-early">
          {t('eod.early')}
        </Button>
      )}
    </Modal>
  )
}
