/** The server's metrics, and how they have changed since the page was opened. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Problem, Waiting } from "../parts/elements";
import { useWorld } from "../shell/context";
import { failure } from "../shell/failure";
import { language, t } from "../texts/texts";
import type { Series } from "./prometheus";
import { added, line, metricsOf } from "./prometheus";

const EVERY = 5000;

export function MetricsPage(): VNode {
  const world = useWorld();
  const [series, setSeries] = useState<Series | null>(null);
  const [search, setSearch] = useState("");
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async (): Promise<void> => {
      try {
        const text = await world.server.text("tools/metrics-prometheus", { signal: abort.signal });
        setSeries((all) => added(all ?? new Map(), metricsOf(text)));
        setError(null);
      } catch (reason) {
        if (!abort.signal.aborted) {
          setError(reason);
        }
      }
      if (!abort.signal.aborted) {
        timer = setTimeout(() => void look(), EVERY);
      }
    };
    void look();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [world]);
  return (
    <section>
      <h1>{t("metrics.title")}</h1>
      <label class="search">
        {t("metrics.search")}
        <input type="search" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
      </label>
      {error ? <Problem text={`${t("metrics.failed")} ${failure(error)}`} /> : null}
      {series === null && !error ? <Waiting /> : null}
      <table class="tags">
        <tbody>
          {[...(series ?? [])]
            .filter(([name]) => name.includes(search.trim()))
            .map(([name, values]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{(values.at(-1) ?? 0).toLocaleString(language())}</td>
                <td>
                  <svg width="120" height="24" viewBox="0 0 120 24" aria-hidden="true">
                    <polyline fill="none" stroke="currentColor" points={line(values, 120, 24)} />
                  </svg>
                </td>
              </tr>
            ))}
        </tbody>
      </table>
    </section>
  );
}
