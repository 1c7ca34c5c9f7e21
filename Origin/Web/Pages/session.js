// The signed-in person, for as long as the tab lives.
const key = "weir.accessToken";

export const accessToken = () => sessionStorage.getItem(key);

export async function api(method, path, body) {
  const headers = { "content-type": "application/json" };
  if (accessToken()) headers.authorization = `Bearer ${accessToken()}`;
  const answer = await fetch(`/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  if (answer.status === 401 && accessToken()) {
    sessionStorage.removeItem(key);
    return api(method, path, body);
  }
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.detail ?? value.title ?? `status ${answer.status}`);
  return value;
}

async function identity(operation, body) {
  const answer = await fetch("/identity", {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
    },
    body: JSON.stringify(body),
  });
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.message ?? `status ${answer.status}`);
  return value;
}

// Returns undefined when signed in, otherwise a function that takes the code of the second factor.
export async function signIn(clientId, username, password) {
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
