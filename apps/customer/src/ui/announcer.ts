/** Id of the place that screen readers listen to; apart from say.ts, which brings the toasts along. */
export const ANNOUNCER = 'announcer'
