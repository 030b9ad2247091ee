/** Small parts of pages. */
import type { ComponentChildren, TargetedMouseEvent, VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../texts/texts";

/** A button that shows a text, or a sign with the text as its name. */
export function Button(props: {
  readonly text: string;
  readonly sign?: string;
  readonly kind?: "main" | "danger" | "quiet";
  readonly disabled?: boolean;
  readonly type?: "button" | "submit";
  readonly onClick?: (event: MouseEvent) => void;
}): VNode {
  return (
    <button
      type={props.type ?? "button"}
      class={props.kind ?? "plain"}
      disabled={props.disabled ?? false}
      title={props.sign ? props.text : undefined}
      aria-label={props.sign ? props.text : undefined}
      onClick={props.onClick}
    >
      {props.sign ? <span aria-hidden="true">{props.sign}</span> : props.text}
    </button>
  );
}

/** A window over the page, which closes with Escape and gives the focus back. */
export function Dialog(props: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}): VNode {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    element.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) {
        before.focus();
      }
    };
  }, []);
  return (
    <dialog
      class="fields"
      ref={element}
      aria-label={props.title}
      onCancel={(event: Event) => {
        event.preventDefault();
        props.onClose();
      }}
    >
      <header class="over-head">
        <h2>{props.title}</h2>
        <Button text={t("close")} sign="✕" kind="quiet" onClick={props.onClose} />
      </header>
      {props.children}
    </dialog>
  );
}

/** Asks once, and names what goes. */
export function Question(props: {
  readonly title: string;
  readonly text: ComponentChildren;
  readonly yes: string;
  readonly danger?: boolean;
  readonly onYes: () => void;
  readonly onNo: () => void;
}): VNode {
  return (
    <Dialog title={props.title} onClose={props.onNo}>
      <div class="said">{props.text}</div>
      <footer>
        <Button text={t("cancel")} onClick={props.onNo} />
        <Button text={props.yes} kind={props.danger ? "danger" : "main"} onClick={props.onYes} />
      </footer>
    </Dialog>
  );
}

/** What is shown while something is on its way. */
export function Waiting(props: { readonly text?: string }): VNode {
  return (
    <p class="waiting" role="status">
      <span class="turning" aria-hidden="true" /> {props.text ?? t("loading")}
    </p>
  );
}

/** What went wrong, and a button to try again. */
export function Problem(props: { readonly text: string; readonly onRetry?: () => void }): VNode {
  return (
    <div class="problem" role="alert">
      <p>{props.text}</p>
      {props.onRetry ? <Button text={t("retry")} onClick={props.onRetry} /> : null}
    </div>
  );
}

/** A link within the pages, which the router follows; a new tab works as for any link. */
export function Link(props: {
  readonly address: string;
  readonly onFollow: () => void;
  readonly children: ComponentChildren;
  readonly class?: string;
  readonly current?: boolean;
}): VNode {
  const follow = (event: TargetedMouseEvent<HTMLAnchorElement>): void => {
    if (event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      props.onFollow();
    }
  };
  return (
    <a
      href={props.address}
      class={props.class}
      aria-current={props.current ? "page" : undefined}
      onClick={follow}
    >
      {props.children}
    </a>
  );
}

/** The sign of copying: two sheets. */
export function CopySign(): VNode {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" aria-hidden="true">
      <rect x="5.5" y="5.5" width="8" height="9" rx="1" />
      <path d="M3 10.5V2.5a1 1 0 0 1 1-1h6.5" />
    </svg>
  );
}
