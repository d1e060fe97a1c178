import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { holesOf, keysOf, textAt } from '../../shared/texts.ts'
import shared from '../../shared/locales/en.json'
import en from '../src/locales/en.json'
import zh from '../src/locales/zh.json'

// Chinese has one plural form, English two.
const plain = (key: string) => key.replace(/_(one|other)$/, '')
const set = (texts: object) => [...new Set(keysOf(texts).map(plain))].sort()

function sources(directory: URL): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const url = new URL(entry.name + (entry.isDirectory() ? '/' : ''), directory)
    if (entry.isDirectory()) return sources(url)
    return /\.tsx?$/.test(entry.name) ? [readFileSync(url, 'utf8')] : []
  })
}

describe('texts of the console', () => {
  it('has the same keys in Chinese and English', () => {
    expect(set(zh)).toEqual(set(en))
  })

  it('takes the same values in both', () => {
    for (const key of keysOf(en)) {
      const chinese = textAt(zh, key) ?? textAt(zh, key.replace(/_one$/, '_other'))
      expect(holesOf(String(chinese)), key).toEqual(holesOf(String(textAt(en, key))))
    }
  })

  it('has no empty text', () => {
    for (const texts of [zh, en]) {
      for (const key of keysOf(texts)) expect(String(textAt(texts, key)).length, key).toBeGreaterThan(0)
    }
  })

  it('does not hide a shared text', () => {
    const own = new Set(keysOf(en).map((key) => key.split('.')[0]))
    for (const key of keysOf(shared)) expect(own.has(key.split('.')[0] ?? '')).toBe(false)
  })

  it('has every key that a source names', () => {
    const known = new Set([...set(en), ...keysOf(shared)])
    const named = sources(new URL('../src/', import.meta.url)).flatMap((text) =>
      [...text.matchAll(/\bt\((?:[^()'`]*\? )?'([a-zA-Z]+\.[\w.-]+)'/g)].map((m) => m[1] ?? ''),
    )
    expect(named.length).toBeGreaterThan(200)
    for (const key of named) expect(known.has(key), key).toBe(true)
  })

  it('has every group that a source builds a key from', () => {
    const groups = new Set([...Object.keys(en), ...Object.keys(shared)])
    const named = sources(new URL('../src/', import.meta.url)).flatMap((text) =>
      [...text.matchAll(/\bt\((?:as never, )?`(\w+)\.\$\{/g)].map((m) => m[1] ?? ''),
    )
    expect(named.length).toBeGreaterThan(20)
    for (const group of named) expect(groups.has(group), group).toBe(true)
  })
})
