import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { holesOf, keysOf, textAt } from '../../shared/texts.ts'
import sharedEn from '../../shared/locales/en.json'
import sharedZh from '../../shared/locales/zh.json'
import en from './locales/en.json'
import zh from './locales/zh.json'

const english = { ...en, ...sharedEn }
const chinese = { ...zh, ...sharedZh }

function sources(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name)
    if (statSync(path).isDirectory()) return sources(path)
    return /\.tsx?$/.test(name) && !name.endsWith('.test.ts') ? [path] : []
  })
}

describe('languages', () => {
  it('have the same keys', () => expect(keysOf(chinese).sort()).toEqual(keysOf(english).sort()))

  it('take the same values in each text, and none is empty', () => {
    for (const key of keysOf(english)) {
      const [first, second] = [String(textAt(english, key)), String(textAt(chinese, key))]
      expect(holesOf(second), key).toEqual(holesOf(first))
      expect(first.trim() && second.trim(), key).not.toBe('')
    }
  })

  it('are really two: Chinese has no text without a Chinese sign but names and figures', () => {
    const plain = keysOf(chinese).filter(
      (key) => !/\p{Script=Han}/u.test(String(textAt(chinese, key))),
    )
    expect(plain).toEqual(['language.en', 'review.free'])
  })
})

describe('code', () => {
  const files = sources(import.meta.dirname).map((path) => [path, readFileSync(path, 'utf8')] as const)

  it('asks only for texts that exist', () => {
    const known = keysOf(english)
    const missing: string[] = []
    for (const [path, text] of files) {
      for (const [, key = ''] of text.matchAll(/\bt\(\s*'([^']+)'/g)) {
        if (!known.includes(key)) missing.push(`${path}: ${key}`)
      }
      // t(`kind.${kind}`): at least one text must begin with this prefix.
      for (const [, start = ''] of text.matchAll(/\bt\(\s*`([^`$]+)\$/g)) {
        if (!known.some((key) => key.startsWith(start))) missing.push(`${path}: ${start}…`)
      }
    }
    expect(missing).toEqual([])
  })

  it('holds no Chinese text of its own', () => {
    expect(files.filter(([, text]) => /\p{Script=Han}/u.test(text)).map(([path]) => path)).toEqual(
      [],
    )
  })
})
