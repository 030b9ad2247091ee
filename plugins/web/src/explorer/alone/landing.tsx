/** Where a shared link leads: what it opens, or why it does not. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Problem, Waiting } from "../parts/elements";
import type { Tags } from "../server/types";
import { t } from "../texts/texts";
import type { AloneProps, LandingOption } from "./alone";

/** The answer of POST /auth/tokens/decode. */
interface Decoded {
  readonly ErrorCode?: string | null;
  readonly RedirectUrl?: string | null;
  readonly TokenType?: string;
  readonly Resources?: readonly {
    readonly OrthancId: string;
    readonly DicomUid?: string;
    readonly Level?: string;
  }[];
}

export function Landing({ server, router, before }: AloneProps): VNode {
  const token = router.route.query.get("token") ?? "";
  const [problem, setProblem] = useState<"landing.invalid" | "landing.expired" | "landing.unknown" | null>(
    null,
  );
  const [decoded, setDecoded] = useState<Decoded | null>(null);
  const [tags, setTags] = useState<Tags>({});
  const options = before.TokensLandingOptions;
  useEffect(() => {
    const look = async (): Promise<void> => {
      const found = await server.post<Decoded>("auth/tokens/decode", {
        TokenKey: "token",
        TokenValue: token,
      });
      if (found.ErrorCode) {
        setProblem(
          found.ErrorCode === "expired"
            ? "landing.expired"
            : found.ErrorCode === "invalid"
              ? "landing.invalid"
              : "landing.unknown",
        );
        return;
      }
      if ((!options || options.length === 0) && found.RedirectUrl) {
        location.replace(found.RedirectUrl);
        return;
      }
      server.authorize({ token });
      setDecoded(found);
      const [only] = found.Resources ?? [];
      if (found.Resources?.length === 1 && only) {
        const study = await server.get<{ MainDicomTags: Tags; PatientMainDicomTags?: Tags }>(
          `studies/${only.OrthancId}`,
        );
        setTags({ ...study.PatientMainDicomTags, ...study.MainDicomTags });
      }
    };
    look().catch(() => setProblem("landing.unknown"));
  }, [server, token, options]);
  if (problem) {
    return <Problem text={t(problem)} />;
  }
  if (!decoded) {
    return <Waiting />;
  }
  const resources = decoded.Resources ?? [];
  return (
    <section>
      <h1>{t("landing.title")}</h1>
      <p>
        {[tags.PatientName, tags.PatientID, tags.StudyDate, tags.StudyDescription]
          .filter(Boolean)
          .join(" · ")}
      </p>
      <p class="actions">
        {(options ?? [])
          .filter((option) => resources.length === 1 || option.EnableForMultipleResources)
          .map((option) => (
            <a class="button" key={option.Id ?? option.Type} href={address(option)}>
              {option.Title ?? t(option.Type === "download-study" ? "landing.download" : "landing.open")}
            </a>
          ))}
      </p>
    </section>
  );

  function address(option: LandingOption): string {
    const ids = resources.map((one) => one.OrthancId);
    switch (option.Type) {
      case "open-viewer-button":
        return decoded?.RedirectUrl ?? "#";
      case "download-study":
        return ids.length === 1
          ? server.address(`studies/${ids[0]}/archive`, { token })
          : server.address("tools/create-archive", { resources: ids.join(","), token });
      case "custom":
        return (option.Url ?? "")
          .replaceAll("{token}", encodeURIComponent(token))
          .replaceAll("{UUID}", ids.join(","));
    }
  }
}
