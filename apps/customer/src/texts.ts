import type { Language } from '../../shared/i18n.ts'

/** Texts of the app and of the shared code in one bundle per language. */
export async function loadTexts(language: Language): Promise<Record<string, unknown>> {
  const [own, shared] =
    language === 'zh'
      ? await Promise.all([import('./locales/zh.json'), import('../../shared/locales/zh.json')])
      : await Promise.all([import('./locales/en.json'), import('../../shared/locales/en.json')])
  return { ...own.default, ...shared.default }
}
