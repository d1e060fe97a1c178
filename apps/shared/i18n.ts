import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'

/** Languages of both apps; the tag is used for Intl, <html lang> and Accept-Language. */
export const LANGUAGES = { zh: 'zh-CN', en: 'en-GB' } as const
export type Language = keyof typeof LANGUAGES

type Texts = Record<string, unknown>
type Load = (language: Language) => Promise<Texts>

/** The stored language, else the first supported one of the browser's, else Chinese. */
export function preferredLanguage(remembered: string | null, wanted: readonly string[]): Language {
  if (remembered === 'zh' || remembered === 'en') return remembered
  for (const tag of wanted) {
    const base = tag.toLowerCase().split('-')[0]
    if (base === 'zh' || base === 'en') return base
  }
  return 'zh'
}

/** Starts i18next with one language; the other one is loaded when it is chosen. */
export async function startTexts(language: Language, load: Load): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language,
    resources: { [language]: { translation: await load(language) } },
    interpolation: { escapeValue: false },
    returnNull: false,
    showSupportNotice: false,
  } as Parameters<typeof i18next.init>[0])
  markDocument(language)
}

export async function changeLanguage(language: Language, load: Load): Promise<void> {
  if (!i18next.hasResourceBundle(language, 'translation')) {
    i18next.addResourceBundle(language, 'translation', await load(language))
  }
  await i18next.changeLanguage(language)
  markDocument(language)
}

export function currentLanguage(): Language {
  return i18next.language === 'en' ? 'en' : 'zh'
}

/** The text of a { en, zh } pair of the API in the language of the screen. */
export function inLanguage(
  pair: { en: string; zh: string } | undefined,
  language: Language,
): string {
  return pair ? pair[language] : ''
}

function markDocument(language: Language) {
  document.documentElement.lang = LANGUAGES[language]
}
