/** Who did what: the audit logs of the Authorization plugin. */
import type { VNode } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import { Button, Problem, Waiting } from "../parts/elements";
import { useWorld } from "../shell/context";
import { failure } from "../shell/failure";
import { t } from "../texts/texts";

const PAGE = 100;

interface Log {
  readonly Timestamp: string;
  readonly UserId: string;
  readonly Action: string;
  readonly ResourceType: string;
  readonly ResourceId: string;
  readonly JsonLogData?: unknown;
}

export function AuditPage(props: { readonly query: URLSearchParams }): VNode {
  const world = useWorld();
  const resource = props.query.get("resource-id") ?? "";
  const [filters, setFilters] = useState({ "user-id": "", action: "", "resource-id": resource });
  const [logs, setLogs] = useState<readonly Log[] | null>(null);
  const [more, setMore] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const address = useCallback(
    (extra: Readonly<Record<string, string>>) => {
      const all = Object.entries({ ...filters, ...extra }).filter(([, value]) => value !== "");
      return `auth/audit-logs?${new URLSearchParams(all)}`;
    },
    [filters],
  );
  const load = useCallback(
    async (since: number, before: readonly Log[], signal?: AbortSignal) => {
      try {
        const found = await world.server.get<Log[]>(
          address({ since: String(since), limit: String(PAGE), "log-data-format": "json" }),
          { signal },
        );
        setLogs([...before, ...found]);
        setMore(found.length === PAGE);
        setError(null);
      } catch (reason) {
        if (!signal?.aborted) {
          setError(reason);
        }
      }
    },
    [world, address],
  );
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => void load(0, [], abort.signal), 300);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [load]);
  const names = { "user-id": "audit.user", action: "audit.action", "resource-id": "audit.resource" } as const;
  return (
    <section>
      <h1>{t("side.audit")}</h1>
      <div class="filters">
        {(["user-id", "action", "resource-id"] as const).map((one) => (
          <label key={one}>
            {t(names[one])}
            <input
              type="search"
              value={filters[one]}
              onInput={(event) => setFilters({ ...filters, [one]: event.currentTarget.value })}
            />
          </label>
        ))}
        <a class="button" href={world.server.address(address({ format: "csv" }))}>
          {t("audit.csv")}
        </a>
      </div>
      {error ? (
        <Problem text={`${t("audit.failed")} ${failure(error)}`} onRetry={() => void load(0, [])} />
      ) : null}
      {logs === null && !error ? <Waiting /> : null}
      {logs?.length === 0 ? <p>{t("audit.none")}</p> : null}
      {logs && logs.length > 0 ? (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                {(["audit.time", "audit.user", "audit.action", "audit.resource"] as const).map((key) => (
                  <th key={key} scope="col">
                    {t(key)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {logs.map((one) => (
                <tr key={`${one.Timestamp} ${one.UserId} ${one.Action} ${one.ResourceId}`}>
                  <td>{new Date(one.Timestamp).toLocaleString()}</td>
                  <td>{one.UserId}</td>
                  <td>{one.Action}</td>
                  <td>
                    {one.ResourceType} {one.ResourceId}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      {more && logs ? <Button text={t("audit.more")} onClick={() => void load(logs.length, logs)} /> : null}
    </section>
  );
}
