import { expect, it } from 'vitest'
import { preferredLanguage } from '../../shared/i18n.ts'
import { fileNameOf } from './download.ts'

it('takes the file name of the bank, never a path', () => {
  expect(fileNameOf('attachment; filename="sycee-0017-2026-11-01-2026-11-30.pdf"')).toBe(
    'sycee-0017-2026-11-01-2026-11-30.pdf',
  )
  expect(fileNameOf('attachment; filename=a.csv; size=3')).toBe('a.csv')
  expect(fileNameOf('attachment; filename="../../etc/passwd"')).toBe('passwd')
  expect(fileNameOf('inline')).toBeNull()
  expect(fileNameOf(null)).toBeNull()
})

it('chooses the language: remembered, then the browser’s, then Chinese', () => {
  expect(preferredLanguage('en', ['zh-CN'])).toBe('en')
  expect(preferredLanguage('fr', ['fr-FR', 'en-US', 'zh'])).toBe('en')
  expect(preferredLanguage(null, ['zh-Hant-TW', 'en'])).toBe('zh')
  expect(preferredLanguage(null, ['fr'])).toBe('zh')
})
