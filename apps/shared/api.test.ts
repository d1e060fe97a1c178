import { describe, expect, it, vi } from 'vitest'
import { addressOf, createClient, nextCursor, type List } from './api.ts'
import { Problem } from './problem.ts'

interface Routes {
  'GET /v1/things/{thingId}': { params: { thingId: string }; answer: { thingId: string } }
  'GET /v1/things': { query?: { q?: string; limit?: number }; answer: List<{ thingId: string }> }
  'POST /v1/things': { body: { name: string }; answer: { thingId: string } }
  'PUT /v1/things/{thingId}/picture': { params: { thingId: string }; body: Blob; answer: undefined }
  'DELETE /v1/sessions/current': { answer: undefined }
}

function clientOf(answer: () => Response | Promise<Response>, onSessionOver = vi.fn()) {
  const fetch = vi.fn(async (_address: string, _init?: RequestInit) => answer())
  const client = createClient<Routes>({
    language: () => 'zh-CN',
    onSessionOver,
    fetch: fetch as never,
  })
  return { client, fetch, onSessionOver }
}

const json = (body: unknown, init?: ResponseInit) => new Response(JSON.stringify(body), init)

describe('client', () => {
  it('fills paths and sends language, key and body', async () => {
    const { client, fetch } = clientOf(() => json({ thingId: '7' }))
    await client.call('GET /v1/things/{thingId}', { params: { thingId: 'a/b' } })
    expect(fetch.mock.calls[0]?.[0]).toBe('/v1/things/a%2Fb')
    await client.call('POST /v1/things', { body: { name: 'x' }, key: 'k1' })
    const init = fetch.mock.calls[1]?.[1]
    expect(init?.headers).toMatchObject({ 'Idempotency-Key': 'k1', 'Accept-Language': 'zh-CN' })
    expect(init?.body).toBe('{"name":"x"}')
  })

  it('sends a picture as it is', async () => {
    const { client, fetch } = clientOf(() => new Response(null, { status: 204 }))
    const picture = new Blob(['x'], { type: 'image/jpeg' })
    const params = { thingId: '1' }
    await client.call('PUT /v1/things/{thingId}/picture', { params, body: picture })
    const init = fetch.mock.calls[0]?.[1]
    expect(init?.headers).toMatchObject({ 'Content-Type': 'image/jpeg' })
    expect(init?.body).toBe(picture)
  })

  it('reads pages and empty answers', async () => {
    const link = '</v1/things?cursor=abc&limit=2>; rel="next"'
    const { client } = clientOf(() =>
      json({ items: [{ thingId: '1' }] }, { headers: { Link: link } }),
    )
    expect(await client.page('GET /v1/things', { query: { limit: 2 } })).toEqual({
      items: [{ thingId: '1' }],
      cursor: 'abc',
    })
    const empty = clientOf(() => new Response(null, { status: 204 }))
    expect(await empty.client.call('DELETE /v1/sessions/current')).toBeUndefined()
  })

  it('throws problems, and tells the app when the session is over', async () => {
    const over = clientOf(() => json({ type: '/problems/not-signed-in' }, { status: 401 }))
    await expect(over.client.call('DELETE /v1/sessions/current')).rejects.toMatchObject({
      slug: 'not-signed-in',
    })
    expect(over.onSessionOver).toHaveBeenCalledOnce()
    const failed = clientOf(() => json({ type: '/problems/sign-in-failed' }, { status: 401 }))
    await expect(failed.client.call('DELETE /v1/sessions/current')).rejects.toBeInstanceOf(Problem)
    expect(failed.onSessionOver).not.toHaveBeenCalled()
  })

  it('tells lost, late and broken answers apart from refusals', async () => {
    const lost = clientOf(() => Promise.reject(new TypeError('fetch failed')))
    await expect(lost.client.call('DELETE /v1/sessions/current')).rejects.toMatchObject({
      slug: 'network',
    })
    const late = clientOf(() => Promise.reject(new DOMException('late', 'TimeoutError')))
    await expect(late.client.call('DELETE /v1/sessions/current')).rejects.toMatchObject({
      slug: 'time-out',
    })
    const page = clientOf(() => new Response('<html>', { status: 502 }))
    await expect(page.client.call('DELETE /v1/sessions/current')).rejects.toMatchObject({
      unknown: true,
    })
  })
})

it('leaves empty query values out', () => {
  expect(addressOf('/v1/x', { query: { q: '', from: undefined, limit: 5 } })).toBe('/v1/x?limit=5')
})

it('finds the next link among several', () => {
  expect(nextCursor('</a?cursor=1>; rel="prev", </a?cursor=2>; rel="next"')).toBe('2')
  expect(nextCursor(null)).toBeUndefined()
})
