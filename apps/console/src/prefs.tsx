// Preferences of this browser: language and colour scheme. Stored in localStorage, applied to <html lang>
// and <html data-theme>, and passed down through one context.

import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import i18next from 'i18next'
import { changeLanguage, currentLanguage, type Language } from '../../shared/i18n.ts'
import { loadTexts } from './i18n'

export type Theme = 'light' | 'dark' | 'system'

interface Prefs {
  lang: Language
  theme: Theme
  dark: boolean
  setLang(lang: Language): void
  setTheme(theme: Theme): void
}

const Context = createContext<Prefs | null>(null)
const dark = window.matchMedia('(prefers-color-scheme: dark)')

function storedTheme(): Theme {
  const stored = localStorage.getItem('console.theme')
  return stored === 'light' || stored === 'dark' ? stored : 'system'
}

export function PrefsProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient()
  const [lang, setLangState] = useState<Language>(currentLanguage)
  const [theme, setThemeState] = useState<Theme>(storedTheme)
  const [systemDark, setSystemDark] = useState(dark.matches)

  useEffect(() => {
    const changed = () => setSystemDark(dark.matches)
    dark.addEventListener('change', changed)
    return () => dark.removeEventListener('change', changed)
  }, [])

  const isDark = theme === 'dark' || (theme === 'system' && systemDark)
  useEffect(() => {
    document.documentElement.dataset.theme = isDark ? 'dark' : 'light'
    document.documentElement.style.colorScheme = isDark ? 'dark' : 'light'
  }, [isDark])
  useEffect(() => {
    document.title = i18next.t('app.title')
  }, [lang])

  const value = useMemo<Prefs>(
    () => ({
      lang,
      theme,
      dark: isDark,
      setLang(next) {
        localStorage.setItem('console.lang', next)
        void changeLanguage(next, loadTexts).then(() => {
          setLangState(next)
          // Error texts come from the bank in the language of Accept-Language.
          void queries.invalidateQueries({ predicate: (query) => query.state.status === 'error' })
        })
      },
      setTheme(next) {
        localStorage.setItem('console.theme', next)
        setThemeState(next)
      },
    }),
    [lang, theme, isDark, queries],
  )
  return <Context.Provider value={value}>{children}</Context.Provider>
}

export function usePrefs(): Prefs {
  const prefs = useContext(Context)
  if (!prefs) throw new Error('usePrefs outside PrefsProvider')
  return prefs
}
