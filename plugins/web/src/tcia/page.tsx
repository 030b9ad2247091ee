/** A cart, the collections of the archive, and what has been imported since the page was opened. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Button, Problem } from "../explorer/parts/elements";
import type { Server } from "../explorer/server/api";
import { failure } from "../explorer/shell/failure";
import { t } from "../explorer/texts/texts";
import { importCart, importSeries } from "./archive";
import { Choice } from "./choice";
import { Imports } from "./imports";

export function Page(props: { readonly server: Server }): VNode {
  const { server } = props;
  const [jobs, setJobs] = useState<readonly string[]>([]);
  const [problem, setProblem] = useState<unknown>(null);
  const begin = async (started: Promise<string>): Promise<void> => {
    setProblem(null);
    try {
      const job = await started;
      setJobs((before) => [job, ...before]);
    } catch (error) {
      setProblem(error);
    }
  };
  useEffect(() => {
    // Those of others, or of before, for whoever may list them.
    server
      .get<readonly { ID: string; Type: string }[]>("jobs?expand")
      .then((all) => all.filter((one) => one.Type === "TciaImportJob").map((one) => one.ID))
      .then((found) => setJobs((before) => [...new Set([...before, ...found])]))
      .catch(() => undefined);
  }, [server]);
  return (
    <main class="alone">
      <h1>{t("tcia.title")}</h1>
      {problem ? <Problem text={`${t("tcia.notStarted")} ${failure(problem)}`} /> : null}
      <Cart onImport={(file) => begin(importCart(server, file))} />
      <Choice server={server} onImport={(orders) => begin(importSeries(server, orders))} />
      <Imports server={server} jobs={jobs} />
    </main>
  );
}

function Cart(props: { readonly onImport: (file: File) => void }): VNode {
  const [file, setFile] = useState<File | null>(null);
  return (
    <section>
      <h2>{t("tcia.cart")}</h2>
      <div class="filters">
        <label>
          {t("tcia.cartFile")}
          <input
            type="file"
            accept=".csv,.tcia,text/csv"
            onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)}
          />
        </label>
        <div>
          <Button
            text={t("tcia.import")}
            kind="main"
            disabled={file === null}
            onClick={() => file && props.onImport(file)}
          />
        </div>
      </div>
    </section>
  );
}
