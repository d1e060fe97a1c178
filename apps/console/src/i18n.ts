// Texts of the console: the shared texts, then the console's own, which override them.

import { startTexts, type Language } from '../../shared/i18n.ts'

const own = { zh: () => import('./locales/zh.json'), en: () => import('./locales/en.json') }
const shared = {
  zh: () => import('../../shared/locales/zh.json'),
  en: () => import('../../shared/locales/en.json'),
}

export async function loadTexts(language: Language): Promise<Record<string, unknown>> {
  const [first, second] = await Promise.all([shared[language](), own[language]()])
  return { ...first.default, ...second.default }
}

export const startConsoleTexts = (language: Language) => startTexts(language, loadTexts)
