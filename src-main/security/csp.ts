/**
 * What the interface may load: itself, and nothing from anywhere else. Used by both shells.
 *
 * `style-src 'unsafe-inline'`: Radix positions popovers by style attributes. `data:` images are icons in style sheets.
 * `frame-src 'self'`: PDF preview. `connect-src 'self'` covers the WebSocket of the same origin (CSP level 3).
 */
export const interfacePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "frame-src 'self' blob:",
  "manifest-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** A file of the vault shown on the interface's origin: it gets no scripts, no origin and no network. */
export const mediaPolicy = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "img-src 'self' data:",
  "media-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
  'sandbox',
].join('; ');

/**
 * The same for a PDF, without `sandbox`: browsers show no PDF in a sandboxed frame. Their viewers run apart from the
 * page's origin; scripts stay forbidden.
 */
export const pdfPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'self'";

/** Headers of every answer, in both shells. */
export const commonHeaders: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=()',
};
