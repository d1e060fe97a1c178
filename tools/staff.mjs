// A member of staff as a program: the session is a cookie alone, and a page of the console shows that it asks.

// Headers of a request by the session `token`, staff's or a customer's by its path.
export function signed(path, token) {
  if (!token) return {};
  return path.startsWith('/v1/staff/') ? { Cookie: `__Host-staff=${token}`, 'Sec-Fetch-Site': 'same-origin' } : { Authorization: `Bearer ${token}` };
}

// The session of the cookies that a sign-in answers.
export function sessionOf(cookies) {
  return cookies.map((cookie) => /^__Host-staff=([\w-]+);/.exec(cookie)?.[1]).find(Boolean);
}
