// A new phone number for a customer at the counter: a code proves it, then two members of staff approve.

import { Button, Form, Input, Select } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../api/client'
import type { PhoneProof } from '../api/types'
import { Mono, Problem as ProblemBox } from './bits'
import { Propose } from './propose'
import { useSending } from './sending'

const documents = ['residentIdCard', 'passport', 'travelPermit', 'residencePermit'] as const

export function ProposePhone({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation()
  const [document, setDocument] = useState<(typeof documents)[number] | undefined>()
  const [proof, setProof] = useState<PhoneProof | null>(null)
  return (
    <Propose
      kind="customerPhone"
      object={id}
      title={t('counter.title')}
      after={proof && document ? { phoneProofId: proof.phoneProofId, document } : null}
      onClose={onClose}
    >
      <p>{t('counter.note')}</p>
      <Form.Item label={t('counter.document')} htmlFor="counter-document">
        <Select
          id="counter-document"
          value={document}
          onChange={setDocument}
          options={documents.map((value) => ({ value, label: t(`document.${value}`) }))}
          data-testid="counter-document"
        />
      </Form.Item>
      {proof ? (
        <p data-testid="counter-proven">
          {t('counter.proven')} <Mono>{proof.phone}</Mono>
        </p>
      ) : (
        <ProvePhone id={id} onProven={setProof} />
      )}
    </Propose>
  )
}

// The code is sent to the new number; the customer reads it out.
function ProvePhone({ id, onProven }: { id: string; onProven: (proof: PhoneProof) => void }) {
  const { t } = useTranslation()
  const [phone, setPhone] = useState('')
  const [phoneCodeId, setPhoneCodeId] = useState<string | null>(null)
  const [code, setCode] = useState('')
  const { busy, problem, send: attempt } = useSending()
  const send = async () => {
    const body = { phone: phone.trim() }
    setPhoneCodeId((await client.call('POST /v1/staff/customers/{id}/phone-codes', { params: { id }, body })).phoneCodeId)
  }
  const prove = async () => {
    if (!phoneCodeId) return
    const body = { phone: phone.trim(), phoneCodeId, code: code.trim() }
    onProven(await client.call('POST /v1/staff/customers/{id}/phone-proofs', { params: { id }, body }))
  }
  return (
    <>
      <Form.Item label={t('counter.phone')} htmlFor="counter-phone">
        <Input
          id="counter-phone"
          value={phone}
          inputMode="tel"
          maxLength={20}
          onChange={(e) => {
            setPhone(e.target.value)
            setPhoneCodeId(null)
          }}
          data-testid="counter-phone"
        />
      </Form.Item>
      <Button loading={busy && !phoneCodeId} disabled={phone.trim() === ''} onClick={() => void attempt(send)} data-testid="counter-send">
        {t('counter.send')}
      </Button>
      {phoneCodeId && (
        <>
          <Form.Item label={t('counter.code')} htmlFor="counter-code" style={{ marginTop: 16 }}>
            <Input
              id="counter-code"
              value={code}
              inputMode="numeric"
              autoComplete="off"
              maxLength={6}
              onChange={(e) => setCode(e.target.value)}
              data-testid="counter-code"
            />
          </Form.Item>
          <Button loading={busy} disabled={!/^\d{6}$/.test(code.trim())} onClick={() => void attempt(prove)} data-testid="counter-prove">
            {t('counter.prove')}
          </Button>
        </>
      )}
      {problem && <ProblemBox error={problem} inline />}
    </>
  )
}
