// The link helper. Credentials, tokens and the state live in this tab's session storage, so that they are still there
// when the browser comes back from the consent page; the code is taken out of the address as soon as it is read.
const $ = (id) => document.getElementById(id);
const kept = ["id", "secret", "redirect", "refresh", "access"];
const grantURL = location.origin + "/v2/token/grant";
const store = sessionStorage;

const link = (to, parameters) =>
  to + "?" + Object.entries(parameters).map(([name, value]) => name + "=" + encodeURIComponent(value)).join("&");

function links() {
  const client_id = $("id").value, client_secret = $("secret").value, redirect_uri = $("redirect").value;
  const asked = { client_id, response_type: "code", redirect_uri, state: store.getItem("state") };
  const authorize = $("helper").dataset.authorize;
  return {
    credentials: link(grantURL, { grant_type: "client_credentials", client_id, client_secret }),
    authorize: link(authorize, asked),
    popup: link(authorize, { display: "popup", ...asked }),
    code: link(grantURL, { grant_type: "authorization_code", code: $("code").value, client_id, client_secret, redirect_uri }),
    refresh: link(grantURL, { grant_type: "refresh_token", client_id, client_secret, refresh_token: $("refresh").value }),
  };
}

function show() {
  for (const [name, to] of Object.entries(links())) {
    const a = $(name + "-link");
    a.href = to;
    a.textContent = to;
  }
  for (const id of kept) store.setItem(id, $(id).value);
  $("elsewhere").hidden = $("redirect").value.split("?")[0] === location.origin + location.pathname;
  for (const [button, field] of [["code", "code"], ["refresh", "refresh"]]) {
    document.querySelector(`[data-get=${button}]`).disabled = !$(field).value;
  }
  $("call").disabled = !$("access").value;
}

function choose() {
  const { id = "", secret = "", redirect = "" } = $("client").selectedOptions[0].dataset;
  $("id").value = id;
  $("secret").value = secret;
  $("redirect").value = redirect;
  show();
}

// A name typed by hand is the client that has it, or another one.
function recognize() {
  const options = [...$("client").options];
  const known = options.findIndex((o) => o.dataset.id === $("id").value && o.dataset.secret === $("secret").value && o.dataset.redirect === $("redirect").value);
  $("client").selectedIndex = known < 0 ? options.length - 1 : known;
}

async function get(url, into, headers) {
  const out = $(into);
  out.hidden = false;
  out.textContent = "…";
  try {
    const answer = await fetch(url, { headers, cache: "no-store", credentials: "omit" });
    let body = await answer.text(), json = null;
    try {
      json = JSON.parse(body);
      body = JSON.stringify(json, null, 2);
    } catch { /* shown as it is */ }
    out.textContent = "HTTP " + answer.status + "\n" + body;
    return answer.ok ? json : null;
  } catch (error) {
    out.textContent = "No answer: " + error.message;
    return null;
  }
}

async function grant(name) {
  const tokens = await get(links()[name], name + "-answer");
  if (tokens && tokens.access_token) $("access").value = tokens.access_token;
  if (tokens && tokens.refresh_token) $("refresh").value = tokens.refresh_token;
  show();
}

// What the consent page sent back with the user, if this is such a return.
function comeBack() {
  const back = new URLSearchParams(location.search);
  if (!back.has("code") && !back.has("error")) return;
  const said = back.has("code") ? "A code came back. " : "No code came back, but the error " + back.get("error") + ". ";
  const same = back.get("state") === store.getItem("state");
  $("back").textContent = said + (same ? "The state is the one that was sent." : "The state is not the one that was sent from this tab: do not use the code.");
  $("back").hidden = false;
  $("code").value = back.get("code") || "";
  history.replaceState(null, "", location.pathname);
  store.removeItem("state");
  $("other").scrollIntoView();
}

for (const id of kept) {
  $(id).value = store.getItem(id) || "";
}
if ($("id").value) recognize(); else choose();
comeBack();
if (!store.getItem("state")) store.setItem("state", [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join(""));
show();

$("client").addEventListener("change", choose);
document.addEventListener("input", (event) => {
  if (event.target.tagName !== "INPUT") return;
  recognize();
  show();
});
$("authorize").addEventListener("click", () => { location.href = links().authorize; });
$("popup").addEventListener("click", () => { window.open(links().popup, "code_popup", "width=500,height=600"); });
for (const button of document.querySelectorAll("[data-get]")) {
  button.addEventListener("click", () => grant(button.dataset.get));
}
$("call").addEventListener("click", () => get("/v2/queue", "call-answer", { Authorization: "Bearer " + $("access").value }));
