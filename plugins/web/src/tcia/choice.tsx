/** Series chosen from the archive's collections: a collection, a patient, and series of its studies. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Button, Problem, Waiting } from "../explorer/parts/elements";
import type { Server } from "../explorer/server/api";
import { failure } from "../explorer/shell/failure";
import { number, t } from "../explorer/texts/texts";
import type { Collection, Order, Study } from "./archive";
import { collection, collections, fits, orderOf, studies } from "./archive";

/** Something that the archive is asked for. */
interface Asked<T> {
  readonly value: T | null;
  readonly problem: unknown;
  readonly again: () => void;
}

/** Asks once for each key, and forgets what belongs to another one. */
function useAsked<T>(key: string | null, ask: () => Promise<T>): Asked<T> {
  const [found, setFound] = useState<{ key: string; value: T | null; problem: unknown } | null>(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    let current = true;
    if (key !== null) {
      setFound(null);
      ask().then(
        (value) => current && setFound({ key, value, problem: null }),
        (problem: unknown) => current && setFound({ key, value: null, problem }),
      );
    }
    return () => {
      current = false;
    };
  }, [key, tries]);
  const known = found?.key === key ? found : null;
  return {
    value: known?.value ?? null,
    problem: known?.problem ?? null,
    again: () => setTries((before) => before + 1),
  };
}

export function Choice(props: {
  readonly server: Server;
  readonly onImport: (orders: readonly Order[]) => void;
}): VNode {
  const { server } = props;
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<ReadonlyMap<string, Order>>(new Map());
  const all = useAsked("all", () => collections(server));
  const clear = async (): Promise<void> => {
    await server.post("tcia/clear-cache", {});
    all.again();
  };
  return (
    <section>
      <h2>{t("tcia.choose")}</h2>
      <Answer asked={all} />
      {all.value ? (
        <div class="filters">
          <label>
            {t("tcia.collection")}
            <select value={name} onChange={(event) => setName(event.currentTarget.value)}>
              <option value="" />
              {all.value.map((one) => (
                <option key={one} value={one}>
                  {one}
                </option>
              ))}
            </select>
          </label>
          <div>
            <Button text={t("tcia.again")} onClick={() => void clear()} />
          </div>
        </div>
      ) : null}
      {name ? <Patients key={name} server={server} name={name} chosen={chosen} onChoose={setChosen} /> : null}
      {chosen.size > 0 ? (
        <div class="toolbar">
          <p role="status">{t("list.selected", { count: chosen.size })}</p>
          <Button
            text={t("tcia.importSelected")}
            kind="main"
            onClick={() => {
              props.onImport([...chosen.values()]);
              setChosen(new Map());
            }}
          />
        </div>
      ) : null}
    </section>
  );
}

function Answer(props: { readonly asked: Asked<unknown> }): VNode | null {
  const { value, problem, again } = props.asked;
  if (problem) {
    return <Problem text={`${t("tcia.noAnswer")} ${failure(problem)}`} onRetry={again} />;
  }
  return value === null ? <Waiting /> : null;
}

interface Choosing {
  readonly server: Server;
  readonly name: string;
  readonly chosen: ReadonlyMap<string, Order>;
  readonly onChoose: (chosen: ReadonlyMap<string, Order>) => void;
}

function Patients(props: Choosing): VNode {
  const { server, name } = props;
  const [filter, setFilter] = useState("");
  const asked = useAsked<Collection>(name, () => collection(server, name));
  const fit = fits(filter);
  const patients = asked.value?.patients.filter((one) => fit(one.id) || fit(one.name)) ?? [];
  return (
    <>
      <Answer asked={asked} />
      {asked.value ? (
        <>
          <p>{[...asked.value.modalities, ...asked.value.bodyParts].join(" · ")}</p>
          <div class="filters">
            <label>
              {t("tcia.filter")}
              <input type="search" value={filter} onInput={(event) => setFilter(event.currentTarget.value)} />
            </label>
          </div>
          {patients.length === 0 ? <p>{t("audit.none")}</p> : null}
          {patients.map((one) => (
            <Patient key={one.id} {...props} patient={one.id} title={[one.id, one.name, one.sex]} />
          ))}
        </>
      ) : null}
    </>
  );
}

function Patient(props: Choosing & { readonly patient: string; readonly title: readonly string[] }): VNode {
  const { server, name, patient, title } = props;
  const [open, setOpen] = useState(false);
  const asked = useAsked(open ? patient : null, () => studies(server, name, patient));
  return (
    <details class="series" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{[...new Set(title.filter((one) => one !== ""))].join(" · ")}</summary>
      {open ? <Answer asked={asked} /> : null}
      {asked.value?.length === 0 ? <p>{t("audit.none")}</p> : null}
      {asked.value?.map((one) => (
        <SeriesTable key={one.uid} {...props} study={one} />
      ))}
    </details>
  );
}

function SeriesTable(props: Choosing & { readonly patient: string; readonly study: Study }): VNode {
  const { name, patient, study, chosen, onChoose } = props;
  const choose = (uids: readonly string[], wanted: boolean): void => {
    const next = new Map(chosen);
    for (const one of study.series.filter((series) => uids.includes(series.uid))) {
      if (wanted) {
        next.set(one.uid, orderOf(name, patient, one));
      } else {
        next.delete(one.uid);
      }
    }
    onChoose(next);
  };
  const uids = study.series.map((one) => one.uid);
  return (
    <div class="scroll">
      <table class="tags">
        <caption>{[study.date, study.description].filter((one) => one !== "").join(" · ")}</caption>
        <thead>
          <tr>
            <th scope="col">
              <input
                type="checkbox"
                aria-label={t("series.selectAll")}
                checked={uids.length > 0 && uids.every((one) => chosen.has(one))}
                onChange={(event) => choose(uids, event.currentTarget.checked)}
              />
            </th>
            <th scope="col">{t("tag.Modality")}</th>
            <th scope="col">{t("tag.SeriesDescription")}</th>
            <th scope="col">{t("tag.BodyPartExamined")}</th>
            <th scope="col">{t("column.instances")}</th>
            <th scope="col">MB</th>
          </tr>
        </thead>
        <tbody>
          {study.series.map((one) => (
            <tr key={one.uid}>
              <td>
                <input
                  type="checkbox"
                  aria-label={t("series.select", { name: one.description || one.uid })}
                  checked={chosen.has(one.uid)}
                  onChange={(event) => choose([one.uid], event.currentTarget.checked)}
                />
              </td>
              <td>{one.modality}</td>
              <td>{one.description || one.uid}</td>
              <td>{one.bodyPart}</td>
              <td>{number(one.instances)}</td>
              <td>{number(Math.ceil(one.size / 1e6))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
