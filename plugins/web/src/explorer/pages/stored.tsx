/** What Orthanc keeps beside the tags of a resource: metadata, and files. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { route } from "../actions/files";
import { Problem, Waiting } from "../parts/elements";
import type { Level } from "../server/types";
import { useWorld } from "../shell/context";
import { failure } from "../shell/failure";
import { t } from "../texts/texts";

/** A part of the page that is loaded once it is opened. */
export function Stored(props: { readonly level: Level; readonly id: string }): VNode {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("stored.title")}</summary>
      {open ? <Content {...props} /> : null}
    </details>
  );
}

function Content(props: { readonly level: Level; readonly id: string }): VNode {
  const world = useWorld();
  const place = `${route(props.level)}/${props.id}`;
  const [metadata, setMetadata] = useState<Readonly<Record<string, string>> | null>(null);
  const [attachments, setAttachments] = useState<readonly string[]>([]);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    const abort = new AbortController();
    const { signal } = abort;
    Promise.all([
      world.server.get<Record<string, string>>(`${place}/metadata?expand`, { signal }),
      world.server.get<string[]>(`${place}/attachments`, { signal }),
    ])
      .then(([known, files]) => {
        setMetadata(known);
        setAttachments(files);
      })
      .catch((reason: unknown) => (signal.aborted ? undefined : setError(reason)));
    return () => abort.abort();
  }, [world, place]);
  if (error) {
    return <Problem text={failure(error)} />;
  }
  if (metadata === null) {
    return <Waiting />;
  }
  return (
    <>
      <table class="tags">
        <caption>{t("stored.metadata")}</caption>
        <tbody>
          {Object.entries(metadata).map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {attachments.length > 0 ? (
        <>
          <p>{t("stored.attachments")}</p>
          <ul>
            {attachments.map((name) => (
              <li key={name}>
                <a
                  href={world.server.address(`${place}/attachments/${encodeURIComponent(name)}/data`)}
                  download
                >
                  {name}
                </a>
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </>
  );
}
