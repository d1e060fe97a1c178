import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { preferredLanguage } from '../../shared/i18n.ts'
import { Console } from './app'
import { startConsoleTexts } from './i18n'
import './console.css'

const language = preferredLanguage(localStorage.getItem('console.lang'), navigator.languages)
const root = document.getElementById('root')
void startConsoleTexts(language).then(() => {
  if (root)
    createRoot(root).render(
      <StrictMode>
        <Console />
      </StrictMode>,
    )
})
