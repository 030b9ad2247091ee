// An OpenID provider with the addresses of a realm of Keycloak, for the users and clients of realm.json.
// The argument is the address of the pages that users log in for. The secret of each client is its name.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { Provider } from "oidc-provider";

const PORT = 3000;
const { realm, audience, users, pages, clients } = JSON.parse(readFileSync("/service/realm.json", "utf8"));
const [, , issuerOrigin, pagesOrigin] = process.argv;
const mount = `/realms/${realm}`;
const connect = "/protocol/openid-connect";
const scope = "archive";

const confidential = Object.keys(clients).map((name) => ({
  client_id: name,
  client_secret: name,
  grant_types: ["client_credentials"],
  redirect_uris: [],
  response_types: [],
}));

const browser = {
  client_id: pages,
  token_endpoint_auth_method: "none",
  grant_types: ["authorization_code"],
  redirect_uris: ["/ui/app/", "/ui/app/index.html"].map((path) => pagesOrigin + path),
  post_logout_redirect_uris: ["/ui/app/", "/ui/app/index.html"].map((path) => pagesOrigin + path),
};

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

const provider = new Provider(issuerOrigin + mount, {
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256" }] },
  cookies: { keys: [randomBytes(16).toString("hex")] },
  clients: [...confidential, browser],
  clientBasedCORS: (_, origin) => origin === pagesOrigin,
  findAccount: (_, name) => users[name] && { accountId: name, claims: () => ({ sub: name }) },
  interactions: { url: (_, { uid }) => `${mount}/login/${uid}` },
  // What Keycloak says of a user, or of the account that belongs to a client.
  extraTokenClaims: (_, token) => ({
    preferred_username: token.accountId ?? `service-account-${token.clientId}`,
    realm_access: { roles: (users[token.accountId] ?? clients[token.clientId]).roles },
  }),
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    revocation: { enabled: true },
    introspection: { enabled: true, allowedPolicy: (_, client) => client.clientId === "authority" },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => audience,
      useGrantedResource: () => true,
      getResourceServerInfo: (_, __, { clientId }) => ({
        scope,
        accessTokenFormat: clients[clientId]?.format ?? "jwt",
        accessTokenTTL: clients[clientId]?.seconds ?? 300,
        jwt: { sign: { alg: "RS256" } },
      }),
    },
  },
  routes: {
    authorization: `${connect}/auth`,
    token: `${connect}/token`,
    jwks: `${connect}/certs`,
    userinfo: `${connect}/userinfo`,
    end_session: `${connect}/logout`,
    introspection: `${connect}/token/introspect`,
    revocation: `${connect}/revoke`,
  },
});

const answer = provider.callback();

// The page that asks for name and password.
async function login(request, response) {
  const { params } = await provider.interactionDetails(request, response);
  const given = new URLSearchParams(await text(request));
  const name = given.get("username");
  if (request.method === "POST" && users[name]?.password === given.get("password")) {
    const grant = new provider.Grant({ accountId: name, clientId: params.client_id });
    grant.addOIDCScope("openid");
    grant.addResourceScope(audience, scope);
    const result = { login: { accountId: name }, consent: { grantId: await grant.save() } };
    await provider.interactionFinished(request, response, result);
    return;
  }
  response.setHeader("Content-Type", "text/html");
  response.end(`<!doctype html><title>Log in</title><form method="post">
    <input name="username"><input name="password" type="password"><button>Log in</button></form>`);
}

createServer((request, response) => {
  if (request.url.startsWith(`${mount}/login/`)) {
    login(request, response).catch((error) => response.writeHead(400).end(String(error)));
    return;
  }
  // Keycloak's adapter sends cookies to it, so that it says what the package does not: that they may be sent.
  const writeHead = response.writeHead.bind(response);
  response.writeHead = (...head) => {
    if (response.hasHeader("Access-Control-Allow-Origin")) {
      response.setHeader("Access-Control-Allow-Credentials", "true");
    }
    return writeHead(...head);
  };
  request.originalUrl = request.url;
  request.url = request.url.startsWith(`${mount}/`) ? request.url.slice(mount.length) : "/none";
  answer(request, response);
}).listen(PORT);
