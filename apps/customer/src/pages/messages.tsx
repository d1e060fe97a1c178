import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd-mobile'
import { MailOpenOutline, MailOutline } from 'antd-mobile-icons'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { showInstant } from '../../../shared/format.ts'
import { currentLanguage, inLanguage } from '../../../shared/i18n.ts'
import { bank, type Message } from '../bank.ts'
import { Empty, MainButton, Page, ProblemNote, Row, Section, Sheet, Waiting } from '../ui/kit.tsx'
import { tag } from '../ui/money.tsx'

export default function Messages() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const client = useQueryClient()
  const [open, setOpen] = useState<Message | null>(null)
  const list = useInfiniteQuery({
    queryKey: ['messages', 'list'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      bank.page('GET /v1/messages', {
        query: { limit: 20, ...(pageParam ? { cursor: pageParam } : {}) },
      }),
    getNextPageParam: (page) => page.cursor,
  })
  const items = list.data?.pages.flatMap((page) => page.items) ?? []
  const language = currentLanguage()

  const read = (message: Message) => {
    setOpen(message)
    if (message.readAt) return
    // If the mark is lost, the message is shown as new once more; nothing else depends on it.
    void bank
      .call('POST /v1/messages/{messageId}/read', { params: { messageId: message.messageId } })
      .then(() => client.invalidateQueries({ queryKey: ['messages'] }))
      .catch(() => undefined)
  }
  return (
    <Page title={t('messages.title')} back="/" testId="messages">
      {list.isPending && <Waiting lines={6} />}
      {list.error && <ProblemNote problem={list.error} retry={() => void list.refetch()} />}
      {list.data && items.length === 0 && (
        <Empty icon={<MailOutline />} text={t('messages.none')} />
      )}
      {items.length > 0 && (
        <Section flush>
          {items.map((message) => (
            <Row
              key={message.messageId}
              icon={message.readAt ? <MailOpenOutline /> : <MailOutline />}
              title={
                <>
                  {!message.readAt && <span className="new-mark">{t('messages.new')}</span>}
                  {inLanguage(message.title, language)}
                </>
              }
              note={showInstant(message.createdAt, tag())}
              onClick={() => read(message)}
              testId="message"
            />
          ))}
        </Section>
      )}
      {list.hasNextPage && (
        <Button
          block
          fill="none"
          color="primary"
          loading={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
          data-testid="messages-more"
        >
          {t('activity.more')}
        </Button>
      )}
      <Sheet
        open={open !== null}
        title={inLanguage(open?.title, language)}
        onClose={() => setOpen(null)}
        testId="message-open"
      >
        <p className="row-note">{open && showInstant(open.createdAt, tag())}</p>
        <p className="sheet-text">{inLanguage(open?.text, language)}</p>
        <div className="sheet-actions">
          <Button block size="large" onClick={() => setOpen(null)} data-testid="message-close">
            {t('common.close')}
          </Button>
          {open?.paymentId && (
            <MainButton
              onClick={() => navigate(`/payments/${open.paymentId}`)}
              data-testid="message-payment"
            >
              {t('messages.payment')}
            </MainButton>
          )}
        </div>
      </Sheet>
    </Page>
  )
}
