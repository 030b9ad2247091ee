/** Making a link for somebody who has no account here. */
import type { VNode } from "preact";
import { useRef, useState } from "preact/hooks";
import { Button, Dialog } from "../parts/elements";
import type { Resource } from "../server/types";
import { enabled, useWorld } from "../shell/context";
import { t } from "../texts/texts";

const DAY = 24 * 3600;

/** The text of an e-mail comes from the service that sends it; no script runs in it. */
export function ShareDialog(props: {
  readonly resources: readonly Resource[];
  readonly onClose: () => void;
}): VNode {
  const world = useWorld();
  const { configuration, server } = world;
  const [days, setDays] = useState(Number(configuration.UiOptions.ShareDuration ?? 15));
  const [link, setLink] = useState<string | null>(null);
  const [address, setAddress] = useState("");
  const share = async (): Promise<void> => {
    try {
      const kind = configuration.Tokens.ShareType;
      const token = await server.put<{ readonly Url?: string; readonly Token: string }>(
        `auth/tokens/${kind}`,
        {
          Resources: props.resources.map((one) => ({
            OrthancId: one.ID,
            DicomUid: one.MainDicomTags.StudyInstanceUID ?? "",
            Level: "study",
          })),
          Type: kind,
          ...(days > 0 ? { ValidityDuration: days * DAY } : {}),
        },
      );
      setLink(
        token.Url ?? `${server.place.pages}token-landing.html?token=${encodeURIComponent(token.Token)}`,
      );
    } catch (error) {
      world.report(t("share.failed"), error);
    }
  };
  const options = configuration.UiOptions;
  const editor = useRef<HTMLDivElement>(null);
  const [title, setTitle] = useState(String(options.ShareEmailTitle ?? ""));
  const [content, setContent] = useState<string | null>(null);
  const write = async (): Promise<void> => {
    try {
      const template = await server.text(
        new URL(
          `emails/templates/${encodeURIComponent(String(options.ShareEmailContentTemplate))}`,
          server.place.own,
        ).href,
      );
      setContent(filled(template, link ?? "", props.resources));
    } catch (error) {
      world.report(t("share.noTemplate"), error);
    }
  };
  const mail = async (): Promise<void> => {
    try {
      const answer = await server.post<{ readonly success?: boolean; readonly details?: string }>(
        new URL("emails/send", server.place.own).href,
        {
          "destination-email": address,
          "email-title": title,
          "email-content": editor.current?.innerHTML ?? "",
          "layout-template": options.ShareEmailLayoutTemplate ?? null,
        },
      );
      if (answer.success === false) {
        throw new Error(answer.details ?? "");
      }
      world.notify({ kind: "done", text: t("share.sent", { address }) });
    } catch (error) {
      world.report(t("share.notSent"), error);
    }
  };
  return (
    <Dialog title={t("share.title")} onClose={props.onClose}>
      <label>
        {t("share.days")}
        <input
          type="number"
          min={0}
          value={days}
          onInput={(event) => setDays(Number(event.currentTarget.value))}
        />
      </label>
      {link === null ? null : (
        <label>
          {t("share.link")}
          <input readOnly value={link} onFocus={(event) => event.currentTarget.select()} />
        </label>
      )}
      {content === null ? null : (
        <>
          <label>
            {t("share.address")}
            <input type="email" value={address} onInput={(event) => setAddress(event.currentTarget.value)} />
          </label>
          <label>
            {t("share.subject")}
            <input value={title} onInput={(event) => setTitle(event.currentTarget.value)} />
          </label>
          {/* biome-ignore lint/a11y/useSemanticElements: the e-mail has links and bold words, which no field of a form has */}
          <div
            class="editor"
            ref={editor}
            contentEditable
            role="textbox"
            tabIndex={0}
            aria-multiline
            aria-label={t("share.text")}
            dangerouslySetInnerHTML={{ __html: content }}
          />
        </>
      )}
      <footer>
        {link === null ? (
          <Button text={t("share.button")} kind="main" onClick={() => void share()} />
        ) : (
          <>
            <Button
              text={t("share.copy")}
              kind="main"
              onClick={() =>
                navigator.clipboard.writeText(link).then(
                  () => world.notify({ kind: "done", text: t("copied") }),
                  (error: unknown) => world.report(t("copyFailed"), error),
                )
              }
            />
            {enabled(world, "EnableSharesByEmail") && content === null ? (
              <Button text={t("share.write")} onClick={() => void write()} />
            ) : null}
            {content !== null ? (
              <Button
                text={t("share.send")}
                disabled={!/^\S+@\S+$/.test(address)}
                onClick={() => void mail()}
              />
            ) : null}
          </>
        )}
        <Button text={t("close")} onClick={props.onClose} />
      </footer>
    </Dialog>
  );
}

/** Returns the text of an e-mail: {ShareUrl} and {PatientName} and the like in it are replaced. */
export function filled(template: string, link: string, studies: readonly Resource[]): string {
  const [first] = studies;
  const tags = { ...first?.PatientMainDicomTags, ...first?.MainDicomTags, ShareUrl: link };
  return template.replace(/\{(\w+)\}/g, (_, name: string) => escaped(tags[name as keyof typeof tags] ?? ""));
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
}
