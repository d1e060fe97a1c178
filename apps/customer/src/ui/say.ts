import { Toast } from 'antd-mobile'

import { ANNOUNCER } from './announcer.ts'

/** A short message on the screen, announced to screen readers as well, which do not read toasts. */
export function say(text: string, good = true) {
  Toast.show(good ? { content: text, icon: 'success' } : { content: text })
  const place = document.getElementById(ANNOUNCER)
  if (place) place.textContent = text
}
