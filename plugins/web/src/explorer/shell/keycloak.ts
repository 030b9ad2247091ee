/** The login at Keycloak, through its own adapter. */
import Keycloak from "keycloak-js";
import type { Server } from "../server/api";
import type { Keycloak as Settings } from "../server/types";

/** How often the token is looked at, in milliseconds, and for how many seconds it must still be valid. */
const EVERY = 60_000;
const VALID = 70;

/** What a user can do with the account. */
export interface Account {
  readonly logout: () => void;
  readonly changePassword: () => void;
}

/** Lets the user log in, and sends the token with each request from then on. */
export async function login(server: Server, settings: Settings): Promise<Account> {
  const keycloak = new Keycloak({ url: settings.Url, realm: settings.Realm, clientId: settings.ClientId });
  await keycloak.init({ onLoad: "login-required", checkLoginIframe: false });
  const use = (): void => {
    if (keycloak.token) {
      server.authorize({ token: keycloak.token });
      localStorage.setItem("vue-token", keycloak.token);
    }
  };
  use();
  setInterval(() => {
    keycloak
      .updateToken(VALID)
      .then((renewed) => {
        if (renewed) {
          use();
        }
      })
      .catch(() => keycloak.login());
  }, EVERY);
  return {
    logout: () => {
      localStorage.removeItem("vue-token");
      void keycloak.logout();
    },
    changePassword: () => void keycloak.login({ action: "UPDATE_PASSWORD" }),
  };
}
