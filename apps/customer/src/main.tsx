import { unstableSetRender } from 'antd-mobile'
import { createRoot, type Root } from 'react-dom/client'
import { preferredLanguage, startTexts } from '../../shared/i18n.ts'
import { App } from './app.tsx'
import { getSettings, watchLook } from './settings.ts'
import { loadTexts } from './texts.ts'
import './styles.css'

// antd-mobile 5 draws toasts with an interface that React 19 no longer has; without this adapter no toast
// appears.
const roots = new WeakMap<Element | DocumentFragment, Root>()
unstableSetRender((node, container) => {
  const root = roots.get(container) ?? createRoot(container)
  roots.set(container, root)
  root.render(node)
  return async () => {
    await Promise.resolve()
    root.unmount()
  }
})

watchLook()
void startTexts(preferredLanguage(getSettings().language, navigator.languages), loadTexts).then(
  () => {
    const place = document.getElementById('root')
    if (place) createRoot(place).render(<App />)
  },
)

if ('serviceWorker' in navigator && import.meta.env.PROD) {
  window.addEventListener('load', () => {
    // Only opening without a network needs the service worker.
    navigator.serviceWorker.register('/app/sw.js', { scope: '/app/' }).catch(() => undefined)
  })
}
