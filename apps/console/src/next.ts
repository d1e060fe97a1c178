// Target after sign-in: a path of this console, never another site.

export function safeNext(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) ? next : '/'
}
