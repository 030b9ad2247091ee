/** Who may do what, and which labels there are: the roles that the Authorization plugin's service keeps. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Button, Problem, Waiting } from "../parts/elements";
import { useWorld } from "../shell/context";
import { failure } from "../shell/failure";
import { t } from "../texts/texts";

/** GET /auth/settings/roles. */
interface Roles {
  readonly roles: Readonly<Record<string, Role>>;
  readonly "available-labels"?: readonly string[];
}

interface Role {
  readonly permissions: readonly string[];
  readonly "authorized-labels": readonly string[];
}

const ROUTE = "auth/settings/roles";

export function PermissionsPage(): VNode {
  const world = useWorld();
  const [roles, setRoles] = useState<Roles | null>(null);
  const [permissions, setPermissions] = useState<readonly string[]>([]);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    Promise.all([world.server.get<Roles>(ROUTE), world.server.get<string[]>("auth/settings/permissions")])
      .then(([found, all]) => {
        setRoles(found);
        setPermissions(all);
      })
      .catch(setError);
  }, [world]);
  if (error) {
    return <Problem text={`${t("permissions.failed")} ${failure(error)}`} />;
  }
  if (!roles) {
    return <Waiting />;
  }
  const change = (name: string, role: Role): void =>
    setRoles({ ...roles, roles: { ...roles.roles, [name]: role } });
  const save = async (): Promise<void> => {
    try {
      await world.server.put(ROUTE, roles);
      world.notify({ kind: "done", text: t("permissions.saved") });
    } catch (reason) {
      world.report(t("permissions.notSaved"), reason);
    }
  };
  return (
    <section>
      <h1>{t("permissions.title")}</h1>
      {Object.entries(roles.roles).map(([name, role]) => (
        <fieldset key={name}>
          <legend>
            <strong>{name}</strong>
          </legend>
          <label>
            {t("permissions.labels", { role: name })}{" "}
            <input
              value={role["authorized-labels"].join(", ")}
              onChange={(event) =>
                change(name, { ...role, "authorized-labels": words(event.currentTarget.value) })
              }
            />
          </label>
          <div class="labels">
            {permissions.map((permission) => (
              <label key={permission}>
                <input
                  type="checkbox"
                  checked={role.permissions.includes(permission)}
                  onChange={(event) => {
                    const others = role.permissions.filter((one) => one !== permission);
                    change(name, {
                      ...role,
                      permissions: event.currentTarget.checked ? [...others, permission] : others,
                    });
                  }}
                />{" "}
                {permission}
              </label>
            ))}
          </div>
        </fieldset>
      ))}
      <Button text={t("permissions.save")} kind="main" onClick={() => void save()} />
    </section>
  );
}

export function LabelsPage(): VNode {
  const world = useWorld();
  const [roles, setRoles] = useState<Roles | null>(null);
  const [text, setText] = useState("");
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    world.server
      .get<Roles>(ROUTE)
      .then((found) => {
        setRoles(found);
        setText((found["available-labels"] ?? []).join("\n"));
      })
      .catch(setError);
  }, [world]);
  if (error) {
    return <Problem text={`${t("permissions.failed")} ${failure(error)}`} />;
  }
  const save = async (): Promise<void> => {
    try {
      await world.server.put(ROUTE, { ...roles, "available-labels": words(text) });
      world.notify({ kind: "done", text: t("permissions.saved") });
    } catch (reason) {
      world.report(t("permissions.notSaved"), reason);
    }
  };
  return (
    <section>
      <h1>{t("labels.title")}</h1>
      <textarea
        aria-label={t("labels.title")}
        rows={12}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <p>
        <Button
          text={t("permissions.save")}
          kind="main"
          disabled={roles === null}
          onClick={() => void save()}
        />
      </p>
    </section>
  );
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}
