/** What the tests of the pages share. */
import defaults from "../../../native/explorer/defaults.json";
import type { Configuration, UiOptions } from "../../src/explorer/server/types";

/** The defaults of the plugin, which it hands to the pages. */
export const options: UiOptions = defaults.UiOptions;

/** What api/configuration answers, with these plugins. */
export function configuration(
  plugins: readonly string[],
  ui: Readonly<Record<string, unknown>> = {},
): Configuration {
  return {
    Plugins: Object.fromEntries(plugins.map((ID) => [ID, { ID, Enabled: true, Version: "1" }])),
    UiOptions: { ...options, ...ui },
    Tokens: { ...defaults.Tokens, RequiredForLinks: false },
    AdvancedOptions: defaults.AdvancedOptions,
    HasCustomLogo: false,
    Keycloak: null,
  };
}
