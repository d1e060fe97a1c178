import { Toast } from 'antd-mobile'

import { ANNOUNCER } from './announcer.ts'

/** A short message on the screen, and the same one for screen readers, which miss toasts. */
export function say(text: string, good = true) {
  Toast.show(good ? { content: text, icon: 'success' } : { content: text })
  const place = document.getElementById(ANNOUNCER)
  if (place) place.textContent = text
}
