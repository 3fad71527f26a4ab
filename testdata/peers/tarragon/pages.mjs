// The HTML a Kitchen Monki user sees: sign-in, consent, popup delivery, errors.

import { randomBytes } from 'node:crypto';

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (value) => String(value).replace(/[&<>"']/g, (char) => ENTITIES[char]);

/** Template tag: every interpolated value is escaped. */
const html = (strings, ...values) => String.raw({ raw: strings }, ...values.map(escape));

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:2rem auto;padding:0 1rem}
label{display:block;margin:.5rem 0}input{width:100%}.problem{color:#a11}`;

export const signInPage = ({ csrf, returnTo, problem }) => ({
  title: 'Sign in',
  body: `${problem ? html`<p class="problem" role="alert">${problem}</p>` : ''}${html`
<form method="post" action="/signin">
  <input type="hidden" name="_csrf" value="${csrf}">
  <input type="hidden" name="return_to" value="${returnTo}">
  <label>Username <input name="username" autocomplete="username" required autofocus></label>
  <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
  <button type="submit">Sign in</button>
</form>`}`,
});

export const consentPage = ({ transactionId, clientName, login, redirectUri }) => ({
  title: 'Authorize access',
  body: html`
<p><strong>${clientName}</strong> would like to use your Kitchen Monki data.</p>
<p>You are signed in as <em>${login}</em>. Afterwards you return to ${new URL(redirectUri).host}.</p>
<form method="post" action="/authorize/decision">
  <input type="hidden" name="transaction_id" value="${transactionId}">
  <button type="submit" name="decision" value="grant">Grant access</button>
  <button type="submit" name="decision" value="deny">Deny</button>
</form>`,
});

/**
 * "The authorization code will be sent to the parent opener window instead of the current
 * window": the opener is what travels to the redirect URI. Since only the registered URI is ever
 * a target, it does not matter who opened the popup. Without an opener the popup goes itself.
 */
export const popupPage = (location) => ({
  title: 'Returning to the application',
  body: html`<p><a id="return" href="${location}">Continue</a></p>`,
  script: `const { href } = document.getElementById('return');
if (window.opener && !window.opener.closed) {
  window.opener.location.href = href;
  window.close();
} else {
  window.location.replace(href);
}`,
});

export const errorPage = (message) => ({
  title: 'This did not work',
  body: html`<p class="problem">${message}</p>`,
});

/** Sends a page in two chunks, with the headers that keep it out of frames, caches and referrers. */
export function sendPage(res, status, { title, body, script }, headers = {}) {
  const nonce = randomBytes(16).toString('base64');
  res.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
    // No form-action: browsers apply it to the redirect after the form, i.e. to the client's URI.
    'Content-Security-Policy': `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; base-uri 'none'; frame-ancestors 'none'`,
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    ...headers,
  });
  res.write(html`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>${title} - Kitchen Monki</title>
<style nonce="${nonce}">${STYLE}</style></head>
`);
  res.end(`<body><h1>${escape(title)}</h1>
${body}
${script ? `<script nonce="${nonce}">${script}</script>\n` : ''}</body></html>
`);
}
