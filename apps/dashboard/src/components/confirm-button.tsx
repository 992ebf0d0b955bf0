import { type ReactNode, useId, useRef } from 'react';

/** A button for what can't be undone: it asks first, and says what will be. */
export function ConfirmButton({
  label,
  title,
  children,
  onConfirm,
  disabled = false,
}: {
  label: string;
  /** The question. */
  title: string;
  /** What comes of it. */
  children: ReactNode;
  onConfirm: () => void;
  disabled?: boolean;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const close = () => dialog.current?.close();
  return (
    <>
      <button type="button" className="danger" disabled={disabled} onClick={() => dialog.current?.showModal()}>
        {label}
      </button>
      <dialog ref={dialog} aria-labelledby={titleId}>
        <h2 id={titleId}>{title}</h2>
        <div>{children}</div>
        <div className="actions">
          <button type="button" onClick={close}>
            Keep it as it is
          </button>
          <button
            type="button"
            className="danger primary"
            onClick={() => {
              close();
              onConfirm();
            }}
          >
            {label}
          </button>
        </div>
      </dialog>
    </>
  );
}
