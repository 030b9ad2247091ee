/** The worklists of the plugin orthanc-worklists: a table of them, and a form for a new one. */
import type { VNode } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import { date, name } from "../parts/dicom";
import { Button, Dialog, Problem, Question, Waiting } from "../parts/elements";
import type { Tags } from "../server/types";
import { useWorld } from "../shell/context";
import { failure } from "../shell/failure";
import { tagName } from "../texts/tags";
import { language, t } from "../texts/texts";
import type { Template } from "./worklist";
import { defaultsOf, fieldsOf, tagsOf } from "./worklist";

/** What GET /worklists?format=Simplify gives for each. */
interface Worklist {
  readonly ID: string;
  readonly Tags: Readonly<Record<string, unknown>>;
}

export function WorklistsPage(): VNode {
  const world = useWorld();
  const [lists, setLists] = useState<readonly Worklist[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [creating, setCreating] = useState(false);
  const [going, setGoing] = useState<Worklist | null>(null);
  const load = useCallback(async () => {
    try {
      setLists(await world.server.get<Worklist[]>("worklists?format=Simplify"));
      setError(null);
    } catch (reason) {
      setError(reason);
    }
  }, [world]);
  useEffect(() => void load(), [load]);
  const remove = async (one: Worklist): Promise<void> => {
    setGoing(null);
    try {
      await world.server.remove(`worklists/${one.ID}`);
      await load();
    } catch (reason) {
      world.report(t("worklists.notDeleted"), reason);
    }
  };
  const options = world.configuration.UiOptions;
  const columns = (options.WorklistsColumns ?? []) as readonly string[];
  return (
    <section>
      <h1>{t("side.worklists")}</h1>
      <p class="actions">
        <Button text={t("worklists.create")} kind="main" onClick={() => setCreating(true)} />
      </p>
      {error ? (
        <Problem text={`${t("worklists.failed")} ${failure(error)}`} onRetry={() => void load()} />
      ) : null}
      {lists === null && !error ? <Waiting /> : null}
      {lists?.length === 0 ? <p>{t("worklists.none")}</p> : null}
      {lists && lists.length > 0 ? (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                {columns.map((column) => (
                  <th key={column} scope="col">
                    {tagName(column, true)}
                  </th>
                ))}
                <th scope="col">
                  <span class="hidden">{t("actions")}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {lists.map((one) => (
                <tr key={one.ID}>
                  {columns.map((column) => (
                    <td key={column}>{shown(one, column, options.DateFormat)}</td>
                  ))}
                  <td>
                    <Button text={t("delete.title")} kind="danger" onClick={() => setGoing(one)} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      {creating ? (
        <WorklistDialog
          onClose={() => setCreating(false)}
          onCreated={() => {
            setCreating(false);
            void load();
          }}
        />
      ) : null}
      {going ? (
        <Question
          title={t("delete.title")}
          danger
          yes={t("delete.yes")}
          text={t("worklists.question", { name: name(String(going.Tags.PatientName ?? "")) || going.ID })}
          onYes={() => void remove(going)}
          onNo={() => setGoing(null)}
        />
      ) : null}
    </section>
  );
}

function shown(one: Worklist, column: string, format: string): string {
  const [step = {}] = (one.Tags.ScheduledProcedureStepSequence ?? []) as readonly Record<string, unknown>[];
  switch (column) {
    case "startDate":
      return date(String(step.ScheduledProcedureStepStartDate ?? ""), format, language());
    case "description":
      return String(step.ScheduledProcedureStepDescription ?? "");
    case "modalities":
      return String(step.Modality ?? "");
  }
  const value = String(one.Tags[column] ?? "");
  return column.endsWith("Date")
    ? date(value, format, language())
    : column.endsWith("Name")
      ? name(value)
      : value;
}

/** The form for a new worklist; with the tags of a patient, it begins with those. */
export function WorklistDialog(props: {
  readonly patient?: Tags;
  readonly onClose: () => void;
  readonly onCreated: () => void;
}): VNode {
  const world = useWorld();
  const template = (world.configuration.UiOptions.NewWorklistDefaultTags ?? {}) as Template;
  const fields = fieldsOf(template);
  const [values, setValues] = useState<Readonly<Record<string, string>>>(() =>
    defaultsOf(fields, props.patient),
  );
  const create = async (): Promise<void> => {
    try {
      const filled: Record<string, string> = { ...values };
      for (const field of fields) {
        if (field.entry.DefaultValue === "$GENERATE_DICOM_UUID$" && (values[field.path] ?? "") === "") {
          filled[field.path] = (await world.server.text("tools/generate-uid?level=study")).trim();
        }
      }
      await world.server.post("worklists/create", { Tags: tagsOf(fields, filled) });
      props.onCreated();
    } catch (error) {
      world.report(t("worklists.notCreated"), error);
    }
  };
  return (
    <Dialog title={t("worklists.create")} onClose={props.onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        {fields.map(({ path, tag, entry }) => (
          // biome-ignore lint/a11y/noLabelWithoutControl: the field in it is its control
          <label key={path}>
            {tagName(tag, true)}
            {entry.Choices ? (
              <select
                value={values[path] ?? ""}
                required={entry.Required ?? false}
                onChange={(event) => setValues({ ...values, [path]: event.currentTarget.value })}
              >
                <option value="" />
                {entry.Choices.map((choice) => (
                  <option key={choice} value={choice}>
                    {choice}
                  </option>
                ))}
              </select>
            ) : (
              <input
                value={values[path] ?? ""}
                placeholder={entry.Placeholder ?? ""}
                required={entry.Required ?? false}
                readOnly={entry.Editable === false}
                onInput={(event) => setValues({ ...values, [path]: event.currentTarget.value })}
              />
            )}
          </label>
        ))}
        <footer>
          <Button text={t("worklists.create")} kind="main" type="submit" />
          <Button text={t("cancel")} onClick={props.onClose} />
        </footer>
      </form>
    </Dialog>
  );
}
