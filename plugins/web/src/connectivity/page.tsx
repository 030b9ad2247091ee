/** Three tables of servers, of which each is asked when the page is opened. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Problem, Waiting } from "../explorer/parts/elements";
import type { Server } from "../explorer/server/api";
import { abandoned } from "../explorer/server/api";
import { failure } from "../explorer/shell/failure";
import type { Key } from "../explorer/texts/texts";
import { language, t } from "../explorer/texts/texts";
import type { Addresses, Kind, Outcome, Status } from "./servers";
import { addressesOf, KINDS, namesOf, waits } from "./servers";

/** Between two looks at the status, in milliseconds. The server waits for answers itself. */
const PAUSE = 1000;

/** How often it is looked: longer than any server is waited for. */
const LOOKS = 30;

const TITLES: Readonly<Record<Kind, Key>> = {
  Modalities: "side.modalities",
  Peers: "settings.peers",
  DicomWebServers: "side.dicomWeb",
};

const NOTHING: Status = { Modalities: {}, Peers: {}, DicomWebServers: {} };

export function Page(props: { readonly server: Server }): VNode {
  const { server } = props;
  const [addresses, setAddresses] = useState<Readonly<Record<Kind, Addresses>> | null>(null);
  const [status, setStatus] = useState<Status>(NOTHING);
  const [waiting, setWaiting] = useState(true);
  const [problem, setProblem] = useState<unknown>(null);
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async (): Promise<void> => {
      const listed = addressesOf(server);
      listed.then(setAddresses);
      const again = async (left: number): Promise<void> => {
        const now = await server.get<Status>("connectivity-checks/status", { signal: abort.signal });
        setStatus(now);
        const more = left > 1 && waits(now, await listed);
        setWaiting(more);
        if (more && !abort.signal.aborted) {
          timer = setTimeout(() => again(left - 1).catch(fail), PAUSE);
        }
      };
      await again(LOOKS);
    };
    const fail = (error: unknown): void => {
      if (!abandoned(error)) {
        setProblem(error);
      }
    };
    look().catch(fail);
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [server]);
  return (
    <main class="alone">
      <h1>{t("connectivity.title")}</h1>
      {problem ? (
        <Problem text={failure(problem)} onRetry={() => location.reload()} />
      ) : waiting ? (
        <Waiting text={t("settings.echoing")} />
      ) : (
        <Summary status={status} />
      )}
      {addresses
        ? KINDS.map((kind) => (
            <Table key={kind} kind={kind} addresses={addresses[kind]} outcomes={status[kind]} />
          ))
        : null}
    </main>
  );
}

function Summary(props: { readonly status: Status }): VNode | null {
  const all = KINDS.flatMap((kind) => Object.values(props.status[kind]));
  if (all.length === 0) {
    return null;
  }
  const up = all.filter((one) => one.Up === true).length;
  return <p role="status">{t("connectivity.summary", { up, count: all.length })}</p>;
}

function Table(props: {
  readonly kind: Kind;
  readonly addresses: Addresses;
  readonly outcomes: Readonly<Record<string, Outcome>>;
}): VNode {
  const { addresses, outcomes } = props;
  const names = namesOf(outcomes, addresses);
  return (
    <section>
      <h2>{t(TITLES[props.kind])}</h2>
      {names.length === 0 ? (
        <p>{t("connectivity.none")}</p>
      ) : (
        <table class="tags">
          <thead>
            <tr>
              <th scope="col">{t("settings.name")}</th>
              <th scope="col">{t("connectivity.address")}</th>
              <th scope="col">{t("connectivity.state")}</th>
            </tr>
          </thead>
          <tbody>
            {names.map((name) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{addresses[name] ?? ""}</td>
                <td>
                  <State outcome={outcomes[name]} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function State(props: { readonly outcome: Outcome | undefined }): VNode {
  const { outcome } = props;
  if (!outcome || outcome.Up === null) {
    return <span>{t("settings.echoing")}</span>;
  }
  const seconds = new Intl.NumberFormat(language(), {
    style: "unit",
    unit: "second",
    maximumFractionDigits: 2,
  }).format(outcome.Seconds ?? 0);
  return (
    <>
      <span class={outcome.Up ? "connected" : "disconnected"}>
        {t(outcome.Up ? "connectivity.up" : "connectivity.down")}
      </span>
      <small>{outcome.Up ? seconds : outcome.Error}</small>
    </>
  );
}
