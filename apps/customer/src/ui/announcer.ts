/** Id of the live region for screen readers; separate from say.ts, which imports the toasts. */
export const ANNOUNCER = 'announcer'
