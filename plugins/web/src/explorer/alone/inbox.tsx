/** The inbox: a form, then files, for people who only send something. */
import type { VNode } from "preact";
import { useEffect, useMemo, useReducer, useState } from "preact/hooks";
import { Uploads } from "../pages/transfer";
import { Button, Problem } from "../parts/elements";
import { RequestError } from "../server/api";
import { failure } from "../shell/failure";
import { t } from "../texts/texts";
import type { AloneProps, FormField, Inbox } from "./alone";

type Checked = Readonly<Record<string, { readonly IsValid: boolean; readonly Message?: string }>>;

const EVERY = 1000;

export function InboxPage({ server, before }: AloneProps): VNode {
  const inbox = before.Inbox;
  if (!inbox) {
    return <Problem text={t("inbox.off")} />;
  }
  return <Form server={server} inbox={inbox} />;
}

function Form({ server, inbox }: Pick<AloneProps, "server"> & { readonly inbox: Inbox }): VNode {
  const fields = inbox.FormFields ?? [];
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const [checked, setChecked] = useState<Checked>({});
  const [ready, setReady] = useState(fields.length === 0);
  const [state, setState] = useState<"form" | "processing" | "done" | "failed">("form");
  const [problem, setProblem] = useState<string | null>(null);
  const [percent, setPercent] = useState(0);
  const [, changed] = useReducer((version: number, _: null) => version + 1, 0);
  const uploads = useMemo(
    () =>
      new Uploads(
        async (file) => {
          const stored = (await (await server.send("POST", "instances", file)).json()) as
            | { ParentStudy?: string }
            | { ParentStudy?: string }[];
          return (Array.isArray(stored) ? stored : [stored]).flatMap((one) => one.ParentStudy ?? []);
        },
        failure,
        () => changed(null),
      ),
    [server],
  );
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent): void => {
      if (uploads.busy) {
        event.preventDefault();
      }
    };
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [uploads]);

  const check = async (): Promise<void> => {
    setProblem(null);
    try {
      const answer = inbox.FormValidationUrl
        ? await server.post<Checked>(inbox.FormValidationUrl, { FormFields: values })
        : {};
      setChecked(answer);
      setReady(Object.values(answer).every((one) => one.IsValid));
    } catch (error) {
      setProblem(failure(error));
    }
  };
  const commit = async (): Promise<void> => {
    setProblem(null);
    setState("processing");
    try {
      const answer = inbox.CommitUrl
        ? await server.post<object>(inbox.CommitUrl, {
            OrthancStudiesIds: [...uploads.progress.studies],
            FormFields: values,
          })
        : {};
      while (inbox.ProcessingMonitoringUrl) {
        const now = await server.post<{
          IsComplete: boolean;
          HasFailed: boolean;
          PctProcessed?: number;
          Message?: string;
        }>(inbox.ProcessingMonitoringUrl, answer);
        setPercent(now.PctProcessed ?? 0);
        if (now.HasFailed) {
          throw new RequestError(200, now.Message ?? "", now.Message ?? "");
        }
        if (now.IsComplete) {
          break;
        }
        await new Promise((later) => setTimeout(later, EVERY));
      }
      setState("done");
    } catch (error) {
      setProblem(
        `${t("inbox.failed")} ${error instanceof RequestError && error.status === 200 ? error.details : failure(error)}`,
      );
      setState("failed");
    }
  };
  const { progress, busy } = uploads;
  const total = progress.done + progress.failed + progress.running + progress.waiting;
  return (
    <section>
      <h1>{inbox.Title}</h1>
      <Html text={inbox.IntroTextHtml} />
      {problem ? <Problem text={problem} /> : null}
      {state === "done" ? <Html text={inbox.SuccessTextHtml} /> : null}
      {state === "failed" ? <Html text={inbox.FailureTextHtml} /> : null}
      {fields.length > 0 ? (
        <form
          class="fields"
          onSubmit={(event) => {
            event.preventDefault();
            void check();
          }}
        >
          {fields.map((field) => (
            // biome-ignore lint/a11y/noLabelWithoutControl: the field in it is its control
            <label key={field.Id}>
              {field.Title ?? field.Id}
              <Input
                field={field}
                value={values[field.Id] ?? ""}
                onChange={(value) => {
                  setValues({ ...values, [field.Id]: value });
                  setReady(false);
                }}
              />
              {checked[field.Id]?.IsValid === false ? (
                <em role="alert">{checked[field.Id]?.Message}</em>
              ) : null}
            </label>
          ))}
          <Button text={t("inbox.check")} type="submit" kind="main" />
        </form>
      ) : null}
      {ready && state === "form" ? (
        <>
          <label class="button">
            {t("upload.files")}
            <input
              type="file"
              multiple
              class="hidden"
              onChange={(event) => uploads.add([...(event.currentTarget.files ?? [])])}
            />
          </label>
          {total > 0 ? <p role="status">{t("upload.progress", { done: progress.done, total })}</p> : null}
          {progress.failures.map((one) => (
            <p role="alert" key={one.name}>
              {one.name}: {one.reason}
            </p>
          ))}
          <Button
            text={t("inbox.send")}
            kind="main"
            disabled={busy || progress.studies.size === 0}
            onClick={() => void commit()}
          />
        </>
      ) : null}
      {state === "processing" ? (
        <p role="status">
          {t("inbox.processing")} <progress max={100} value={percent} aria-label={t("jobs.progress")} />
        </p>
      ) : null}
    </section>
  );
}

function Input(props: {
  readonly field: FormField;
  readonly value: string;
  readonly onChange: (value: string) => void;
}): VNode {
  const { field, value, onChange } = props;
  if (field.Choices) {
    return (
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="" />
        {field.Choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
    );
  }
  return field.Type === "MultilineText" ? (
    <textarea
      value={value}
      placeholder={field.Placeholder ?? ""}
      onInput={(event) => onChange(event.currentTarget.value)}
    />
  ) : (
    <input
      value={value}
      placeholder={field.Placeholder ?? ""}
      onInput={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** A text of the administrator's, in HTML. Nothing in it can run: the pages allow no code but their own. */
function Html(props: { readonly text: string }): VNode {
  return <div dangerouslySetInnerHTML={{ __html: props.text }} />;
}
