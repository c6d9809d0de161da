import { useRef, type ReactNode } from "react";

interface ConfirmButtonProps {
  /** What the button says: “Xóa”. */
  readonly name: string;
  /** Whom or what it is about, for who does not see where the button stands. */
  readonly about: string;
  readonly question: string;
  readonly consequence: string;
  readonly disabled?: boolean;
  readonly onConfirm: () => void;
}

/** Two steps for what can't be taken back. */
export function ConfirmButton(props: ConfirmButtonProps): ReactNode {
  const { name, about, question, consequence, disabled = false, onConfirm } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <>
      <button className="danger" disabled={disabled} onClick={() => dialog.current?.showModal()}>
        {name}
        <span className="unseen"> {about}</span>
      </button>
      <dialog ref={dialog} aria-label={question}>
        <h2>{question}</h2>
        <p>{consequence}</p>
        <form method="dialog">
          <button className="danger" onClick={onConfirm}>
            {name}
          </button>
          <button>Thôi</button>
        </form>
      </dialog>
    </>
  );
}
