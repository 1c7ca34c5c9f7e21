// The signed-in person, for as long as the tab lives.
const key = "weir.accessToken";

const accessToken = () => sessionStorage.getItem(key);

let signedOut = () => {};

export async function api(method, path, body) {
  const headers = body ? { "content-type": "application/json" } : {};
  if (accessToken()) headers.authorization = `Bearer ${accessToken()}`;
  const answer = await fetch(`/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  if (answer.status === 401 && accessToken()) {
    forget();
    return api(method, path, body);
  }
  return value(answer);
}

// What an answer holds. An edge or a proxy that fails answers with text, which is no reason to speak of JSON to people.
async function value(answer) {
  const isJSON = /\bjson\b|[-+]json/.test(answer.headers.get("content-type") ?? "");
  const content = isJSON ? await answer.json() : await answer.text();
  if (answer.ok) return content;
  const reason = isJSON ? content.detail ?? content.message ?? content.title : undefined;
  throw Object.assign(new Error(reason ?? `the service answers ${answer.status}; try again in a moment`), {
    status: answer.status,
  });
}

function identity(operation, body) {
  return fetch("/identity", {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
    },
    body: JSON.stringify(body),
  }).then(value);
}

// Returns undefined when signed in, otherwise a function that takes the code of the second factor.
async function signIn(clientId, username, password) {
  const answer = await identity("InitiateAuth", {
    ClientId: clientId,
    AuthFlow: "USER_PASSWORD_AUTH",
    AuthParameters: { USERNAME: username, PASSWORD: password },
  });
  if (answer.AuthenticationResult) return keep(answer);
  if (answer.ChallengeName !== "SOFTWARE_TOKEN_MFA") throw new Error(`this page cannot answer ${answer.ChallengeName}`);
  return async (code) => keep(await identity("RespondToAuthChallenge", {
    ClientId: clientId,
    ChallengeName: answer.ChallengeName,
    Session: answer.Session,
    ChallengeResponses: { USERNAME: username, SOFTWARE_TOKEN_MFA_CODE: code },
  }));
}

function keep(answer) {
  sessionStorage.setItem(key, answer.AuthenticationResult.AccessToken);
}

function forget() {
  sessionStorage.removeItem(key);
  signedOut();
}

// Fills the corner of the page where people sign in and out; `changed` is called after they did.
export async function accountArea(changed) {
  const area = document.getElementById("account");

  signedOut = () => {
    area.replaceChildren(button("Sign in", () => area.replaceChildren(form())));
  };
  function signedIn() {
    area.replaceChildren(button("Sign out", () => { forget(); changed(); }));
  }
  function form() {
    const form = document.createElement("form");
    form.innerHTML = `
      <label>E-mail <input name="username" type="email" autocomplete="username" required></label>
      <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
      <label hidden>Code of your authenticator
      <input name="code" inputmode="numeric" pattern="[0-9]{6}" autocomplete="one-time-code"></label>
      <p role="alert"></p>
      <button>Sign in</button>`;
    const code = form.elements.code;
    const complaint = form.querySelector("[role=alert]");
    let secondFactor;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      complaint.textContent = "";
      try {
        if (secondFactor) {
          secondFactor = await secondFactor(code.value);
        } else {
          const { clientId } = await value(await fetch("/configuration.json"));
          secondFactor = await signIn(clientId, form.elements.username.value, form.elements.password.value);
        }
        if (!secondFactor) {
          signedIn();
          return changed();
        }
      } catch (error) {
        secondFactor = undefined;
        complaint.textContent = error.message;
      }
      code.value = "";
      code.required = Boolean(secondFactor);
      code.closest("label").hidden = !secondFactor;
      if (secondFactor) code.focus();
    });
    queueMicrotask(() => form.elements.username.focus());
    return form;
  }

  accessToken() ? signedIn() : signedOut();
}

function button(text, action) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  button.addEventListener("click", action);
  return button;
}

export const views = ({ views }) => `${views} ${views === 1 ? "view" : "views"}`;

// `1:02:03` or `2:03`; nothing while it is not known.
export function duration({ durationSeconds }) {
  if (!durationSeconds) return "";
  const total = Math.round(durationSeconds);
  const parts = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  if (!parts[0]) parts.shift();
  return parts.map((part, index) => (index ? String(part).padStart(2, "0") : part)).join(":");
}
