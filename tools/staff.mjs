// A member of staff as a program: the session is only a cookie, and the request comes from a page of the console.

// Headers of a request in the session `token`, of staff or of a customer depending on the path.
export function signed(path, token) {
  if (!token) return {};
  return path.startsWith('/v1/staff/') ? { Cookie: `__Host-staff=${token}`, 'Sec-Fetch-Site': 'same-origin' } : { Authorization: `Bearer ${token}` };
}

// The session in the cookies of a sign-in's answer.
export function sessionOf(cookies) {
  return cookies.map((cookie) => /^__Host-staff=([\w-]+);/.exec(cookie)?.[1]).find(Boolean);
}
