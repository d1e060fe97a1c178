// A masked field that staff may see in full. It asks for a reason, states that the view is logged, and
// hides the value after a minute. The value is held in this component only, never in the query cache.

import { EyeInvisibleOutlined, EyeOutlined } from '@ant-design/icons'
import { Alert, Button, Form, Input, Modal } from 'antd'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { fieldFaults, problemOf, type Problem } from '../../../shared/problem.ts'
import { client } from '../api/client'
import { useStaff } from '../layout/shell'
import { may } from '../permissions'
import { Mono, Problem as ProblemBox } from './bits'

const SHOWN_MS = 60_000

export function Reveal({
  customerId,
  field,
  masked,
}: {
  customerId: string
  field: 'idNumber' | 'phone'
  masked: string | null | undefined
}) {
  const { t } = useTranslation()
  const staff = useStaff()
  const [form] = Form.useForm<{ reason: string }>()
  const [asking, setAsking] = useState(false)
  const [busy, setBusy] = useState(false)
  const [value, setValue] = useState<string | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)

  useEffect(() => {
    if (value === null) return
    const timer = setTimeout(() => setValue(null), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [value])
  useEffect(() => setValue(null), [customerId])

  if (!masked) return <span className="muted">—</span>
  const submit = async ({ reason }: { reason: string }) => {
    setBusy(true)
    setProblem(null)
    try {
      const answer = await client.call('POST /v1/staff/customers/{id}/reveals', {
        params: { id: customerId },
        body: { field, reason: reason.trim() },
      })
      setValue(answer.value)
      setAsking(false)
      form.resetFields()
    } catch (error) {
      const found = problemOf(error)
      const fault = fieldFaults(found, ['reason']).byField.reason
      if (fault) form.setFields([{ name: 'reason', errors: [fault] }])
      else setProblem(found)
    } finally {
      setBusy(false)
    }
  }
  return (
    <span className="copyable">
      <span data-testid={`value-${field}`}>
        <Mono>{value ?? masked}</Mono>
      </span>
      {value !== null ? (
        <Button type="text" size="small" icon={<EyeInvisibleOutlined />} onClick={() => setValue(null)}>
          {t('reveal.hide')}
        </Button>
      ) : (
        may(staff, 'reveal') && (
          <Button
            type="text"
            size="small"
            icon={<EyeOutlined />}
            onClick={() => setAsking(true)}
            data-testid={`reveal-${field}`}
            aria-label={t('reveal.of', { field: t(`customer.${field}`) })}
          >
            {t('reveal.show')}
          </Button>
        )
      )}
      <Modal
        open={asking}
        title={t('reveal.of', { field: t(`customer.${field}`) })}
        okText={t('reveal.show')}
        onOk={() => form.submit()}
        confirmLoading={busy}
        onCancel={() => {
          setAsking(false)
          setProblem(null)
        }}
        okButtonProps={{ 'data-testid': 'reveal-confirm' }}
        destroyOnHidden
      >
        <Alert type="warning" showIcon title={t('reveal.logged')} style={{ marginBottom: 16 }} />
        {problem && <ProblemBox error={problem} inline />}
        <Form form={form} layout="vertical" requiredMark={false} onFinish={(f) => void submit(f)}>
          <Form.Item
            name="reason"
            label={t('reveal.reason')}
            rules={[{ required: true, whitespace: true, min: 3, max: 160, message: t('reveal.reasonNeeded') }]}
          >
            <Input.TextArea
              rows={3}
              maxLength={160}
              showCount
              placeholder={t('reveal.example')}
              data-testid="reveal-reason"
            />
          </Form.Item>
        </Form>
      </Modal>
    </span>
  )
}
