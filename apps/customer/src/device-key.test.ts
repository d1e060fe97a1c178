import { describe, expect, it } from 'vitest'
import { deviceKey, makeDeviceKey } from './device-key.ts'

function storeOf(kept: string | null) {
  let value = kept
  return {
    getItem: () => value,
    setItem: (_name: string, next: string) => {
      value = next
    },
  }
}

describe('device key', () => {
  it('is 32 characters that the bank takes, another one each time', () => {
    expect(makeDeviceKey()).toMatch(/^[A-Za-z0-9_-]{32}$/)
    expect(makeDeviceKey()).not.toBe(makeDeviceKey())
    expect(makeDeviceKey(new Uint8Array([0, 63, 64, 255]))).toBe('A_A_')
  })

  it('is made once and kept', () => {
    const store = storeOf(null)
    const first = deviceKey(store)
    expect(first).toHaveLength(32)
    expect(deviceKey(store)).toBe(first)
  })

  it('is made anew where something else was kept', () => {
    expect(deviceKey(storeOf('short'))).toHaveLength(32)
  })

  it('is none where the browser keeps nothing', () => {
    const broken = {
      getItem: () => null,
      setItem: () => {
        throw new DOMException('no room', 'QuotaExceededError')
      },
    }
    expect(deviceKey(broken)).toBeNull()
    expect(deviceKey(null)).toBeNull()
  })
})
